// cuGetProcAddress, error texts, and the interface that is refused.
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "tests/gpu/driver_test.h"

using namespace vgpu::cuda;
using vgpu::test::address;
using vgpu::test::call;

namespace {

constexpr int kNewest = 13000;

struct Found {
  void* function;
  int status;
};

Found look_up(const char* name, int version, std::uint64_t flags = 0) {
  Found found = {&found, -7};
  CHECK_RESULT(CUDA_SUCCESS, "cuGetProcAddress_v2", name, &found.function, version, flags, &found.status);
  return found;
}

// NAME and its cuda= version, 0 when there is none.
std::vector<std::pair<std::string, int>> exports() {
  std::ifstream file(VGPU_LIBCUDA_LIST);
  REQUIRE(file);
  std::vector<std::pair<std::string, int>> all;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string name;
    if (!(words >> name)) continue;
    int version = 0;
    for (std::string word; words >> word;) {
      if (word.starts_with("cuda=")) version = std::stoi(word.substr(5));
    }
    all.emplace_back(name, version);
  }
  REQUIRE(all.size() > 700);
  return all;
}

struct Parts {
  std::string base;
  bool per_thread;
};

Parts parts(const std::string& name) {
  static const std::regex form("(cu\\w+?)(_v[2-9])?(_ptds|_ptsz)?");
  std::smatch match;
  REQUIRE(std::regex_match(name, match, form));
  return {match[1], match[3].matched};
}

}  // namespace

TEST_CASE("every export is what cuGetProcAddress gives for its base name at its own version") {
  int asked = 0;
  for (const auto& [exported, version] : exports()) {
    const std::string name = exported;  // a lambda of CAPTURE may not hold a binding
    if (name.starts_with("cudbg")) continue;
    const Parts form = parts(name);
    CAPTURE(name);
    if (version == 0) continue;
    const Found found = look_up(form.base.c_str(), version, form.per_thread ? kProcAddressPerThreadStream : 0);
    CHECK(found.status == CU_GET_PROC_ADDRESS_SUCCESS);
    // Where both appeared in one version, asking without the flag gives the plain one.
    CHECK(found.function == address(name.c_str()));
    ++asked;
  }
  CHECK(asked > 650);
}

TEST_CASE("names without a version in any header are not found") {
  for (const char* name : {"cuEGLApiInit", "cuMemGetAttribute"}) {
    CHECK(look_up(name, kNewest).status == CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND);
    CHECK(address(name) != nullptr);
  }
}

// driver_entry_points.expected: NAME FLAGS VERSION FUNCTION STATUS for each version at which a real driver's answer
// changes.
TEST_CASE("every name gives what a real driver gives, at every version and for both kinds of default stream") {
  std::ifstream file(VGPU_ENTRY_POINTS);
  int asked = 0;
  for (std::string line; std::getline(file, line); ++asked) {
    std::istringstream words(line);
    std::string name;
    std::string function;
    std::uint64_t flags = 0;
    int version = 0;
    int status = 0;
    words >> name >> flags >> version >> function >> status;
    REQUIRE(!words.fail());
    CAPTURE(line);
    const Found found = look_up(name.c_str(), version, flags);
    CHECK(found.status == status);
    CHECK(found.function == (function == "null" ? nullptr : address(function.c_str())));
  }
  CHECK(asked > 2000);
}

TEST_CASE("the version decides which variant it is") {
  CHECK(look_up("cuMemAlloc", 2000).function == address("cuMemAlloc"));
  CHECK(look_up("cuMemAlloc", 3010).function == address("cuMemAlloc"));
  CHECK(look_up("cuMemAlloc", 3020).function == address("cuMemAlloc_v2"));
  CHECK(look_up("cuMemAlloc", kNewest).function == address("cuMemAlloc_v2"));
  CHECK(look_up("cuCtxCreate", 11040).function == address("cuCtxCreate_v3"));
  CHECK(look_up("cuCtxCreate", 12050).function == address("cuCtxCreate_v4"));
  CHECK(look_up("cuCtxSynchronize", 12090).function == address("cuCtxSynchronize"));
  CHECK(look_up("cuCtxSynchronize", 13000).function == address("cuCtxSynchronize_v2"));
}

TEST_CASE("the flags decide whose default stream it is") {
  CHECK(look_up("cuMemcpyHtoD", kNewest, 0).function == address("cuMemcpyHtoD_v2"));
  CHECK(look_up("cuMemcpyHtoD", kNewest, kProcAddressLegacyStream).function == address("cuMemcpyHtoD_v2"));
  CHECK(look_up("cuMemcpyHtoD", kNewest, kProcAddressPerThreadStream).function == address("cuMemcpyHtoD_v2_ptds"));
  CHECK(look_up("cuMemcpyHtoD", kNewest, 3).function == address("cuMemcpyHtoD_v2_ptds"));
  // Before 7.0 there was none; cuInit has none.
  CHECK(look_up("cuMemcpyHtoD", 6050, kProcAddressPerThreadStream).status ==
        CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT);
  CHECK(look_up("cuInit", kNewest, kProcAddressPerThreadStream).function == address("cuInit"));
  CHECK(look_up("cuStreamQuery", kNewest, kProcAddressPerThreadStream).function == address("cuStreamQuery_ptsz"));
}

TEST_CASE("what is not found is no error but says why") {
  for (const char* name :
       {"cuNothing", "", "cuMemAlloc_v2", "cuMemcpyHtoD_v2_ptds", "malloc", "cudbgMain", "cuInit "}) {
    CAPTURE(name);
    const Found found = look_up(name, kNewest);
    CHECK(found.function == nullptr);
    CHECK(found.status == CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND);
  }
  for (const auto& [asked, version] : {std::pair{"cuMemAllocAsync", 11010}, std::pair{"cuInit", 0}}) {
    const char* const name = asked;
    CAPTURE(name);
    const Found found = look_up(name, version);
    CHECK(found.function == nullptr);
    CHECK(found.status == CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT);
  }
}

TEST_CASE("a version below 0 is the newest") {
  CHECK(look_up("cuMemcpyDtoH", -1).function == address("cuMemcpyDtoH_v2"));
}

TEST_CASE("cuGetProcAddress gives itself") {
  CHECK(look_up("cuGetProcAddress", 12000).function == address("cuGetProcAddress_v2"));
  CHECK(look_up("cuGetProcAddress", 11030).function == address("cuGetProcAddress"));
  using Function = int (*)(const char*, void**, int, std::uint64_t, int*);
  const auto again = reinterpret_cast<Function>(look_up("cuGetProcAddress", 12000).function);
  void* init = nullptr;
  CHECK(again("cuInit", &init, 12000, 0, nullptr) == CUDA_SUCCESS);
  CHECK(init == address("cuInit"));
}

TEST_CASE("cuGetProcAddress of CUDA 11.3 has no status") {
  void* function = nullptr;
  CHECK_OK("cuGetProcAddress", "cuMemAlloc", &function, 11030, std::uint64_t{0});
  CHECK(function == address("cuMemAlloc_v2"));
  CHECK_RESULT(CUDA_ERROR_NOT_FOUND, "cuGetProcAddress", "cuNothing", &function, 11030, std::uint64_t{0});
  CHECK(function == nullptr);
}

TEST_CASE("cuGetProcAddress refuses what makes no sense") {
  void* function = nullptr;
  int status = -7;
  const char* const none = nullptr;
  void** const nowhere = nullptr;
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuGetProcAddress_v2", none, &function, kNewest, std::uint64_t{0}, &status);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuGetProcAddress_v2", "cuInit", nowhere, kNewest, std::uint64_t{0}, &status);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuGetProcAddress_v2", "cuInit", &function, kNewest, std::uint64_t{4},
               &status);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuGetProcAddress_v2", "cuInit", &function, 99000, std::uint64_t{0}, &status);
  CHECK(status == -7);
}

TEST_CASE("the versions are those of the toolkit's cudaTypedefs.h") {
  std::set<std::pair<std::string, int>> ours;
  for (const auto& [name, version] : exports()) {
    const Parts form = parts(name);
    const std::string suffix = !form.per_thread ? "" : name.ends_with("_ptds") ? "_ptds" : "_ptsz";
    if (version != 0) ours.emplace(form.base + suffix, version);
  }
  int compared = 0;
  for (const char* header :
       {"cudaTypedefs.h", "cudaGLTypedefs.h", "cudaEGLTypedefs.h", "cudaVDPAUTypedefs.h", "cudaProfilerTypedefs.h"}) {
    std::ifstream file(std::string("/usr/local/cuda/include/") + header);
    if (!file) continue;
    static const std::regex type("PFN_(cu\\w+?)_v([0-9]+)(_ptds|_ptsz)?\\)");
    for (std::string line; std::getline(file, line);) {
      std::smatch match;
      if (!std::regex_search(line, match, type)) continue;
      const std::string name = match[1].str() + match[3].str();
      const int version = std::stoi(match[2]);
      // Of Windows; of a driver for embedded boards.
      if (name == "cuWGLGetDevice" || name == "cuEventCreateFromEGLSync" || version > kNewest) continue;
      CAPTURE(line);
      CHECK(ours.count({name, version}) == 1);
      ++compared;
    }
  }
  if (compared == 0) MESSAGE("no toolkit in /usr/local/cuda: not compared");
}

TEST_CASE("every result has a name and a message") {
  const char* text = nullptr;
#define VGPU_CHECK_TEXT(name, value, message)      \
  CHECK_OK("cuGetErrorName", int{value}, &text);   \
  CHECK(std::string(text) == #name);               \
  CHECK_OK("cuGetErrorString", int{value}, &text); \
  CHECK(std::string(text) == message);
  VGPU_CUDA_RESULTS(VGPU_CHECK_TEXT)
#undef VGPU_CHECK_TEXT
  for (const int unknown : {-1, 9, 35, 99, 1000, 0x7fffffff}) {
    CAPTURE(unknown);
    text = "as it was";
    CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuGetErrorName", unknown, &text);
    CHECK(text == nullptr);
    CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuGetErrorString", unknown, &text);
  }
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuGetErrorName", 0, static_cast<const char**>(nullptr));
}

TEST_CASE("NVIDIA's private tables are refused") {
  const CUuuid id = {};
  const void* table = &id;
  CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuGetExportTable", &table, &id);
  CHECK(table == nullptr);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuGetExportTable", static_cast<const void**>(nullptr), &id);
}
