// Modules and libraries: which images are taken, and what is known of the names in them.
#include <ctime>
#include <fstream>
#include <memory>

#include "tests/gpu/driver_image.h"
#include "tests/gpu/driver_test.h"

using namespace vgpu::cuda;
using namespace vgpu::test;

namespace {

CUresult load(const void* image) {
  CUmodule module = nullptr;
  const CUresult result = call("cuModuleLoadData", &module, image);
  if (result == CUDA_SUCCESS) CHECK_OK("cuModuleUnload", module);
  return result;
}
CUresult load(const Bytes& image) { return load(static_cast<const void*>(image.data())); }
CUresult load(const std::string& image) { return load(static_cast<const void*>(image.c_str())); }

// A module of the current context while it lives.
struct Loaded {
  explicit Loaded(const void* image) { CHECK_OK("cuModuleLoadData", &module, image); }
  explicit Loaded(const Bytes& image) : Loaded(static_cast<const void*>(image.data())) {}
  ~Loaded() { CHECK_OK("cuModuleUnload", module); }
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;
  CUmodule module = nullptr;
};

CUresult get(CUmodule module, const char* name) {
  CUfunction function = nullptr;
  return call("cuModuleGetFunction", &function, module, name);
}

}  // namespace

TEST_CASE("images for the device are taken, others refused with the reason") {
  const CurrentContext context;
  CHECK(load(cubin(90)) == CUDA_SUCCESS);
  CHECK(load(cubin(80)) == CUDA_ERROR_NO_BINARY_FOR_GPU);
  CHECK(load(cubin(100)) == CUDA_ERROR_NO_BINARY_FOR_GPU);
  CHECK(load(ptx()) == CUDA_SUCCESS);
  CHECK(load(ptx("sm_90a")) == CUDA_SUCCESS);
  CHECK(load(ptx("sm_100")) == CUDA_ERROR_INVALID_PTX);
  CHECK(load(ptx("sm_75", "99.0")) == CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
  CHECK(load(fat_binary({{2, 75, cubin(75)}, {2, 90, cubin(90)}})) == CUDA_SUCCESS);
  CHECK(load(fat_binary({{1, 75, bytes_of(ptx())}})) == CUDA_SUCCESS);
  CHECK(load(fat_binary({{2, 75, cubin(75)}, {1, 120, bytes_of(ptx("sm_120"))}})) == CUDA_ERROR_NO_BINARY_FOR_GPU);
  CHECK(load(fat_binary({})) == CUDA_ERROR_NO_BINARY_FOR_GPU);
  CHECK(load(fat_binary({{2, 75, cubin(75)}, {77, 1, Bytes(16)}})) == CUDA_SUCCESS);  // a kind that we do not know
}

TEST_CASE("a wrapper as nvcc writes it stands for its fat binary") {
  const CurrentContext context;
  const Bytes fat = fat_binary({{2, 90, cubin()}});
  struct {
    int magic, version;
    const void *data, *file;
  } wrapper = {0x466243b1, 1, fat.data(), nullptr};
  CHECK(load(static_cast<const void*>(&wrapper)) == CUDA_SUCCESS);
  wrapper.data = nullptr;
  CHECK(load(static_cast<const void*>(&wrapper)) == CUDA_ERROR_INVALID_IMAGE);
}

TEST_CASE("garbage is refused") {
  const CurrentContext context;
  CHECK(load(Bytes(64)) == CUDA_ERROR_INVALID_IMAGE);
  CHECK(load(Bytes{0xff, 0xfe, 0, 0, 0, 0, 0, 0}) == CUDA_ERROR_INVALID_IMAGE);
  CHECK(load(std::string("this is no device code")) == CUDA_ERROR_INVALID_IMAGE);
  CHECK(load(std::string(".version nine\n.target sm_90\n")) == CUDA_ERROR_INVALID_PTX);
  CHECK(load(std::string(".target sm_90\n")) == CUDA_ERROR_INVALID_IMAGE);
  CHECK(load(std::string("")) == CUDA_ERROR_INVALID_IMAGE);
  Bytes host = cubin();
  host[18] = EM_X86_64;
  CHECK(load(host) == CUDA_ERROR_INVALID_IMAGE);
  Bytes small = cubin();
  small[4] = ELFCLASS32;
  CHECK(load(small) == CUDA_ERROR_INVALID_IMAGE);
  Bytes version = fat_binary({{2, 90, cubin()}});
  version[4] = 9;
  CHECK(load(version) == CUDA_ERROR_INVALID_IMAGE);
  Bytes entry = fat_binary({{2, 75, cubin(75)}});
  entry[16 + 8] = 0xff;  // the entry's size: beyond the end
  entry[16 + 13] = 0xff;
  CHECK(load(entry) == CUDA_ERROR_INVALID_IMAGE);
}

TEST_CASE("files are read whole, and cut ones refused") {
  const CurrentContext context;
  const std::string path = std::string(VGPU_SCRATCH) + "/driver_module_test.image";
  CUmodule module = nullptr;
  const auto write = [&](const Bytes& bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  };
  CHECK_RESULT(CUDA_ERROR_FILE_NOT_FOUND, "cuModuleLoad", &module, "/nowhere/to/be/found");
  CHECK_RESULT(CUDA_ERROR_FILE_NOT_FOUND, "cuModuleLoad", &module, "/");
  for (const Bytes& image : {cubin(), fat_binary({{2, 90, cubin()}}), bytes_of(ptx())}) {
    write(image);
    CHECK_OK("cuModuleLoad", &module, path.c_str());
    CHECK(get(module, "scale") == CUDA_SUCCESS);
    CHECK(get(module, "nobody") == CUDA_ERROR_NOT_FOUND);
    CHECK_OK("cuModuleUnload", module);
  }
  for (const Bytes& image : {cubin(), fat_binary({{2, 90, cubin()}})}) {
    for (std::size_t length = 0; length<image.size(); length += image.size()> 600 ? 7 : 1) {
      write(Bytes(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(length)));
      CAPTURE(length);
      CHECK(call("cuModuleLoad", &module, path.c_str()) != CUDA_SUCCESS);
    }
  }
}

TEST_CASE("a hostile cubin is no more than not sound") {
  const CurrentContext context;
  const Bytes good = cubin();
  for (std::size_t at = 64; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] ^= 0xff;
    CUmodule module = nullptr;
    if (call("cuModuleLoadData", &module, static_cast<const void*>(bad.data())) != CUDA_SUCCESS) continue;
    CUfunction function = nullptr;
    CUdeviceptr address = 0;
    std::size_t size = 0;
    unsigned count = 0;
    call("cuModuleGetFunction", &function, module, "scale");
    if (function != nullptr) call("cuFuncGetParamInfo", function, std::size_t{0}, &size, &size);
    call("cuModuleGetFunctionCount", &count, module);
    call("cuModuleGetGlobal_v2", &address, &size, module, "table");
    CHECK_OK("cuModuleUnload", module);
  }
}

TEST_CASE("kernels are found where names can be read, and any name where they cannot") {
  const CurrentContext context;
  const std::string text = ptx();
  const Bytes plain = fat_binary({{2, 75, cubin(75)}, {2, 90, cubin()}});
  for (const void* image : {static_cast<const void*>(text.c_str()), static_cast<const void*>(plain.data())}) {
    const Loaded loaded(image);
    CHECK(get(loaded.module, "scale") == CUDA_SUCCESS);
    CHECK(get(loaded.module, "other") == CUDA_SUCCESS);
    CHECK(get(loaded.module, "helper") == CUDA_ERROR_NOT_FOUND);  // no kernel
    CHECK(get(loaded.module, "nothing") == CUDA_ERROR_NOT_FOUND);
    CHECK(get(loaded.module, "table") == CUDA_ERROR_NOT_FOUND);
    CHECK(get(loaded.module, "") == CUDA_ERROR_INVALID_VALUE);
    CHECK(get(loaded.module, nullptr) == CUDA_ERROR_INVALID_VALUE);
    CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuModuleGetFunction", static_cast<CUfunction*>(nullptr), loaded.module,
                 "scale");
  }
  const Loaded hidden(fat_binary({{2, 90, Bytes(100), 0x2011}}));
  CHECK(get(hidden.module, "_Z6whatever") == CUDA_SUCCESS);
  // The device takes its own cubin, so the hidden PTX beside it does not matter.
  const Loaded both(fat_binary({{1, 80, Bytes(100), 0x8011}, {2, 90, cubin()}}));
  CHECK(get(both.module, "scale") == CUDA_SUCCESS);
  CHECK(get(both.module, "_Z6whatever") == CUDA_ERROR_NOT_FOUND);
  CHECK(get(nullptr, "scale") == CUDA_ERROR_INVALID_HANDLE);
}

TEST_CASE("the same name is the same function, until the module is gone") {
  const CurrentContext context;
  CUmodule module = nullptr;
  CUfunction first = nullptr;
  CUfunction second = nullptr;
  const Bytes image = cubin();
  CHECK_OK("cuModuleLoadData", &module, static_cast<const void*>(image.data()));
  CHECK_OK("cuModuleGetFunction", &first, module, "scale");
  CHECK_OK("cuModuleGetFunction", &second, module, "scale");
  CHECK(first == second);
  CUmodule owner = nullptr;
  CHECK_OK("cuFuncGetModule", &owner, first);
  CHECK(owner == module);
  const char* name = nullptr;
  CHECK_OK("cuFuncGetName", &name, first);
  CHECK(std::string(name) == "scale");
  int loaded = 0;
  CHECK_OK("cuFuncIsLoaded", &loaded, first);
  CHECK(loaded == 1);
  CHECK_OK("cuFuncLoad", first);
  CHECK_OK("cuModuleUnload", module);
  CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuModuleUnload", module);
  CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuFuncGetName", &name, first);
  CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuModuleGetFunction", &first, module, "scale");
}

TEST_CASE("the program may free its image after the load") {
  const CurrentContext context;
  auto image = std::make_unique<Bytes>(cubin());
  CUmodule module = nullptr;
  CHECK_OK("cuModuleLoadData", &module, static_cast<const void*>(image->data()));
  std::fill(image->begin(), image->end(), static_cast<unsigned char>(0xee));
  image.reset();
  CHECK(get(module, "scale") == CUDA_SUCCESS);
  CHECK(get(module, "nobody") == CUDA_ERROR_NOT_FOUND);
  CHECK_OK("cuModuleUnload", module);
}

TEST_CASE("kernels are counted and listed") {
  const CurrentContext context;
  const Loaded loaded(cubin());
  unsigned count = 0;
  CHECK_OK("cuModuleGetFunctionCount", &count, loaded.module);
  CHECK(count == 2);
  CUfunction functions[3] = {};
  CHECK_OK("cuModuleEnumerateFunctions", functions, 3U, loaded.module);
  CHECK(functions[0] != nullptr);
  CHECK(functions[1] != nullptr);
  CHECK(functions[2] == nullptr);
  const Loaded hidden(fat_binary({{2, 90, Bytes(100), 0x8011}}));
  CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuModuleGetFunctionCount", &count, hidden.module);
  int mode = 0;
  CHECK_OK("cuModuleGetLoadingMode", &mode);
  CHECK(mode == CU_MODULE_LAZY_LOADING);
}

TEST_CASE("variables have memory with their initial values, and end with the module") {
  const CurrentContext context;
  std::size_t before = 0;
  std::size_t after = 0;
  std::size_t total = 0;
  CHECK_OK("cuMemGetInfo_v2", &before, &total);
  {
    const Loaded loaded(cubin());
    CUdeviceptr table = 0;
    CUdeviceptr again = 0;
    CUdeviceptr zeros = 0;
    std::size_t size = 0;
    CHECK_OK("cuModuleGetGlobal_v2", &table, &size, loaded.module, "table");
    CHECK(size == 16);
    CHECK_OK("cuModuleGetGlobal_v2", &again, static_cast<std::size_t*>(nullptr), loaded.module, "table");
    CHECK(again == table);
    int values[4] = {};
    CHECK_OK("cuMemcpyDtoH_v2", static_cast<void*>(values), table, sizeof values);
    CHECK(values[0] == 1);
    CHECK(values[3] == 4);
    CHECK_OK("cuModuleGetGlobal_v2", &zeros, &size, loaded.module, "zeros");
    CHECK(size == 32);
    char bytes[32];
    std::memset(bytes, 7, sizeof bytes);
    CHECK_OK("cuMemcpyDtoH_v2", static_cast<void*>(bytes), zeros, sizeof bytes);
    CHECK(bytes[0] == 0);
    CHECK(bytes[31] == 0);
    CHECK_RESULT(CUDA_ERROR_NOT_FOUND, "cuModuleGetGlobal_v2", &table, &size, loaded.module, "nobody");
    CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuModuleGetGlobal_v2", &table, &size, loaded.module, "scale");
    CHECK_OK("cuMemGetInfo_v2", &after, &total);
    CHECK(after < before);
  }
  CHECK_OK("cuMemGetInfo_v2", &after, &total);
  CHECK(after == before);
  const Loaded text(static_cast<const void*>(ptx().c_str()));
  CUdeviceptr matrix = 0;
  std::size_t size = 0;
  CHECK_OK("cuModuleGetGlobal_v2", &matrix, &size, text.module, "matrix");
  CHECK(size == 2 * 3 * 16);
  const Loaded hidden(fat_binary({{2, 90, Bytes(100), 0x2011}}));
  CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuModuleGetGlobal_v2", &matrix, &size, hidden.module, "table");
}

TEST_CASE("variables of PTX have their values, also addresses, and what cannot be told is refused") {
  const CurrentContext context;
  const std::string head = ".version 7.1\n.target sm_70\n.address_size 64\n";
  const std::string text = head +
                           ".visible .func helper()\n{\n ret;\n}\n"
                           ".visible .entry k(.param .u64 .ptr .global .align 4 hidden)\n{\n .reg .b32 r;\n ret;\n}\n"
                           ".global .align 4 .u32 a[4] = {1, 2, 3, 0x10}, one = 7;\n"
                           ".visible .const .f32 f = -1.5e1;\n"
                           ".global .u64 p = generic(a) + 4;\n.global .u64 pp[2] = {p, one};\n"
                           ".global .u64 code = helper;\n.global .u16 rows[][2] = {{1, 2}, {3}};\n";
  const Loaded loaded(static_cast<const void*>(text.c_str()));
  const auto read = [&](const char* name, std::size_t index) {
    CUdeviceptr address = 0;
    std::size_t size = 0;
    std::uint64_t words[2] = {};
    CHECK_OK("cuModuleGetGlobal_v2", &address, &size, loaded.module, name);
    CHECK_OK("cuMemcpyDtoH_v2", static_cast<void*>(words), address, size < sizeof words ? size : sizeof words);
    return words[index];
  };
  CUdeviceptr a = 0;
  CUdeviceptr p = 0;
  std::size_t size = 0;
  CHECK_OK("cuModuleGetGlobal_v2", &a, &size, loaded.module, "a");
  CHECK(size == 16);
  CHECK(read("a", 1) == (std::uint64_t{0x10} << 32 | 3));
  CHECK(read("one", 0) == 7);
  CHECK(read("f", 0) == 0xc1700000);
  CHECK(read("p", 0) == a + 4);
  CHECK_OK("cuModuleGetGlobal_v2", &p, &size, loaded.module, "p");
  CHECK(read("pp", 0) == p);
  CHECK(read("rows", 0) == 0x0000'0003'0002'0001);
  CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuModuleGetGlobal_v2", &p, &size, loaded.module, "code");
  CHECK_RESULT(CUDA_ERROR_NOT_FOUND, "cuModuleGetGlobal_v2", &p, &size, loaded.module, "hidden");
  for (const char* wrong : {".global .u32 v = ;", ".global .u32 v = 1 2;", ".global .u32 v[2] = {1, 2",
                            ".global .u32 v", "word;", ".entry k() {", ".global .u32 v = ((((1)));",
                            ".global .u32 v[18446744073709551616];", ".global .f32 v = 0f12;"}) {
    CAPTURE(wrong);
    CHECK(load(head + wrong) == CUDA_ERROR_INVALID_PTX);
  }
  // No depth of parentheses and no chain of addresses is followed for ever.
  CHECK(load(head + ".global .u32 v = " + std::string(100000, '(')) == CUDA_ERROR_INVALID_PTX);
  CHECK(load(head + ".global .u32 v = " + std::string(100000, '(') + "1" + std::string(100000, ')') + ";") ==
        CUDA_SUCCESS);
  std::string chain = head + ".global .u64 v0 = 1;\n";
  for (int i = 1; i < 200; ++i) chain += ".global .u64 v" + std::to_string(i) + " = v" + std::to_string(i - 1) + ";\n";
  const Loaded long_one(static_cast<const void*>(chain.c_str()));
  CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuModuleGetGlobal_v2", &p, &size, long_one.module, "v199");
  CHECK_OK("cuModuleGetGlobal_v2", &p, &size, long_one.module, "v50");
}

TEST_CASE("the 20 000th kernel is found about as fast as the first") {
  const CurrentContext context;
  const Loaded hidden(fat_binary({{2, 90, Bytes(100), 0x2011}}));
  const auto ask = [&](int from, int to) {  // seconds of processor time
    const std::clock_t start = std::clock();
    for (int i = from; i < to; ++i)
      REQUIRE(get(hidden.module, ("_Z6kernel" + std::to_string(i)).c_str()) == CUDA_SUCCESS);
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  };
  const double first = ask(0, 2000);
  ask(2000, 18000);
  const double last = ask(18000, 20000);
  MESSAGE("2 000 look-ups: " << first * 1000 << " ms, behind 18 000 others " << last * 1000 << " ms");
  CHECK(last < 6 * first + 0.01);  // a list would take more than ten times as long
  CUfunction one = nullptr;
  CUfunction again = nullptr;
  CUfunction other = nullptr;
  CHECK_OK("cuModuleGetFunction", &one, hidden.module, "_Z6kernel77");
  CHECK_OK("cuModuleGetFunction", &again, hidden.module, "_Z6kernel77");
  CHECK_OK("cuModuleGetFunction", &other, hidden.module, "_Z6kernel78");
  CHECK(one == again);
  CHECK(one != other);
}

TEST_CASE("modules end with their context") {
  CUmodule module = nullptr;
  CUfunction function = nullptr;
  {
    const CurrentContext context;
    CHECK_OK("cuModuleLoadData", &module, static_cast<const void*>(cubin().data()));
    CHECK_OK("cuModuleGetFunction", &function, module, "scale");
  }
  const CurrentContext other;
  CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuModuleUnload", module);
  const char* name = nullptr;
  CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuFuncGetName", &name, function);
}

TEST_CASE("a library needs no context, its kernels become functions of each") {
  CHECK_OK("cuInit", 0U);
  CUlibrary library = nullptr;
  int* const none = nullptr;
  void** const no_values = nullptr;
  const Bytes image = cubin();
  const auto code = static_cast<const void*>(image.data());
  CHECK_OK("cuLibraryLoadData", &library, code, none, no_values, 0U, none, no_values, 0U);
  CUkernel kernel = nullptr;
  CHECK_OK("cuLibraryGetKernel", &kernel, library, "scale");
  CHECK_RESULT(CUDA_ERROR_NOT_FOUND, "cuLibraryGetKernel", &kernel, library, "nobody");
  CHECK_OK("cuLibraryGetKernel", &kernel, library, "scale");
  const char* name = nullptr;
  CHECK_OK("cuKernelGetName", &name, kernel);
  CHECK(std::string(name) == "scale");
  CUlibrary owner = nullptr;
  CHECK_OK("cuKernelGetLibrary", &owner, kernel);
  CHECK(owner == library);
  unsigned count = 0;
  CHECK_OK("cuLibraryGetKernelCount", &count, library);
  CHECK(count == 2);
  CUkernel kernels[2] = {};
  CHECK_OK("cuLibraryEnumerateKernels", kernels, 2U, library);
  CHECK(kernels[1] != nullptr);
  CHECK_OK("cuKernelSetAttribute", int{CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES}, 100000, kernel, 0);
  CUfunction first = nullptr;
  {
    const CurrentContext context;
    CHECK_OK("cuKernelGetFunction", &first, kernel);
    CUfunction again = nullptr;
    CHECK_OK("cuKernelGetFunction", &again, kernel);
    CHECK(again == first);
    int value = 0;
    CHECK_OK("cuFuncGetAttribute", &value, int{CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES}, first);
    CHECK(value == 100000);
    CUmodule module = nullptr;
    CHECK_OK("cuLibraryGetModule", &module, library);
    CHECK_RESULT(CUDA_ERROR_NOT_PERMITTED, "cuModuleUnload", module);
    CUdeviceptr address = 0;
    std::size_t size = 0;
    CHECK_OK("cuLibraryGetManaged", &address, &size, library, "man");
    CHECK(*reinterpret_cast<const int*>(address) == 5);
    CHECK_RESULT(CUDA_ERROR_NOT_FOUND, "cuLibraryGetManaged", &address, &size, library, "table");
    CHECK_OK("cuLibraryGetGlobal", &address, &size, library, "table");
    CHECK(size == 16);
    void* pointer = nullptr;
    CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuLibraryGetUnifiedFunction", &pointer, library, "helper");
    const CurrentContext other;
    CHECK_OK("cuKernelGetFunction", &again, kernel);
    CHECK(again != first);
  }
  CHECK_OK("cuLibraryUnload", library);
  CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuLibraryUnload", library);
  CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuKernelGetName", &name, kernel);
  CHECK_RESULT(CUDA_ERROR_NO_BINARY_FOR_GPU, "cuLibraryLoadData", &library, static_cast<const void*>(cubin(75).data()),
               none, no_values, 0U, none, no_values, 0U);
  CHECK_RESULT(CUDA_ERROR_FILE_NOT_FOUND, "cuLibraryLoadFromFile", &library, "/nowhere", none, no_values, 0U, none,
               no_values, 0U);
}

TEST_CASE("nothing is linked or compiled") {
  const CurrentContext context;
  void* state = nullptr;
  int* const none = nullptr;
  void** const no_values = nullptr;
  CHECK_RESULT(CUDA_ERROR_JIT_COMPILER_NOT_FOUND, "cuLinkCreate_v2", 0U, none, no_values, &state);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuLinkCreate_v2", 1U, none, no_values, &state);
  CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuLinkDestroy", state);
}
