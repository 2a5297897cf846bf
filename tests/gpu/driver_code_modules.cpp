// driver_code_behaviour: look-up, modules, variables, libraries. The linker is left out: there our answer is another on
// purpose.
#include "tests/gpu/driver_code_behaviour.h"

namespace vgpu::test {

using namespace cuda;

namespace {

constexpr char kPtx[] =
    ".version 6.0\n.target sm_60\n.address_size 64\n"
    ".global .align 4 .b8 table[64];\n"
    ".visible .global .align 4 .u32 counter = 7;\n"
    ".visible .entry scale(\n .param .u64 scale_param_0,\n .param .u32 scale_param_1\n)\n{\n ret;\n}\n"
    ".visible .entry other()\n{\n ret;\n}\n"
    ".func helper()\n{\n ret;\n}\n";

void look_up(const char* what, const char* name, int version, std::uint64_t flags) {
  void* function = &function;
  int status = -7;
  SHOW(what, "cuGetProcAddress_v2", name, &function, version, flags, &status);
  value("function", function == nullptr ? "null" : function == &function ? "as it was" : "not null");
  value("status", status);
}

}  // namespace

CUmodule load_module() {
  CUmodule module = nullptr;
  SHOW("cuModuleLoadData of PTX", "cuModuleLoadData", &module, static_cast<const void*>(kPtx));
  return module;
}

namespace {

void load_text(const char* what, const char* text) {
  CUmodule module = nullptr;
  SHOW(what, "cuModuleLoadData", &module, static_cast<const void*>(text));
}

}  // namespace

void ask_look_up() {
  ask("cuInit", 0U);
  look_up("cuGetProcAddress of nothing known", "cuNothing", 13000, 0);
  look_up("cuGetProcAddress of an empty name", "", 13000, 0);
  look_up("cuGetProcAddress of cuMemAlloc_v2", "cuMemAlloc_v2", 13000, 0);
  look_up("cuGetProcAddress of cuMemcpy_ptds", "cuMemcpy_ptds", 13000, 2);
  look_up("cuGetProcAddress of cuGetProcAddress_v2", "cuGetProcAddress_v2", 13000, 0);
  look_up("cuGetProcAddress of cuMemAllocAsync for 10.0", "cuMemAllocAsync", 10000, 0);
  look_up("cuGetProcAddress of cuInit for 0", "cuInit", 0, 0);
  look_up("cuGetProcAddress of cuInit for -1", "cuInit", -1, 0);
  look_up("cuGetProcAddress of cuInit for 99.0", "cuInit", 99000, 0);
  look_up("cuGetProcAddress with flags 3", "cuInit", 13000, 3);
  look_up("cuGetProcAddress with flags 99", "cuInit", 13000, 99);
  look_up("cuGetProcAddress of cuEGLApiInit", "cuEGLApiInit", 13000, 0);
  look_up("cuGetProcAddress of cudbgMain", "cudbgMain", 13000, 0);
  void* function = nullptr;
  ask("cuGetProcAddress_v2", "cuMemcpyDtoH", &function, -1, std::uint64_t{1}, static_cast<int*>(nullptr));
  value("cuMemcpyDtoH for -1 is the newest", function == driver_function("cuMemcpyDtoH_v2") ? "yes" : "no");
  for (const std::uint64_t flags : {std::uint64_t{0}, std::uint64_t{3}}) {
    ask("cuGetProcAddress_v2", "cuStreamQuery", &function, 13000, flags, static_cast<int*>(nullptr));
    value(flags == 0 ? "cuStreamQuery with flags 0 is" : "cuStreamQuery with flags 3 is",
          function == driver_function("cuStreamQuery")        ? "cuStreamQuery"
          : function == driver_function("cuStreamQuery_ptsz") ? "cuStreamQuery_ptsz"
                                                              : "another");
  }
  SHOW("cuGetProcAddress without a status", "cuGetProcAddress_v2", "cuInit", &function, 13000, std::uint64_t{0},
       static_cast<int*>(nullptr));
  SHOW("cuGetProcAddress of nothing known, without a status", "cuGetProcAddress_v2", "cuNothing", &function, 13000,
       std::uint64_t{0}, static_cast<int*>(nullptr));
  SHOW("cuGetProcAddress of 11.3", "cuGetProcAddress", "cuInit", &function, 11030, std::uint64_t{0});
  SHOW("cuGetProcAddress of 11.3 of nothing known", "cuGetProcAddress", "cuNothing", &function, 11030,
       std::uint64_t{0});
  SHOW("cuGetProcAddress of 11.3 of cuMemAllocAsync for 10.0", "cuGetProcAddress", "cuMemAllocAsync", &function, 10000,
       std::uint64_t{0});
  const CUuuid id = {};
  const void* table = nullptr;
  SHOW("cuGetExportTable without a place", "cuGetExportTable", static_cast<const void**>(nullptr), &id);
  SHOW("cuGetExportTable without an id", "cuGetExportTable", &table, static_cast<const CUuuid*>(nullptr));
}

void ask_modules() {
  make_context();
  CUmodule module = nullptr;
  CUfunction function = nullptr;
  CUdeviceptr address = 0;
  std::size_t size = 0;
  unsigned count = 0;
  const void* const nothing = nullptr;
  SHOW("cuModuleLoadData null", "cuModuleLoadData", &module, nothing);
  SHOW("cuModuleLoadData without a place", "cuModuleLoadData", static_cast<CUmodule*>(nullptr),
       static_cast<const void*>(kPtx));
  load_text("cuModuleLoadData of an empty text", "");
  load_text("cuModuleLoadData of prose", "this is no device code at all, and long enough to be looked at\n");
  load_text("cuModuleLoadData of PTX of version 99", ".version 99.0\n.target sm_60\n.address_size 64\n");
  load_text("cuModuleLoadData of PTX for sm_999", ".version 6.0\n.target sm_999\n.address_size 64\n");
  load_text("cuModuleLoadData of PTX without a target", ".version 6.0\n");
  load_text("cuModuleLoadData of PTX for sm_90", ".version 8.0\n.target sm_90\n.address_size 64\n");
  load_text("cuModuleLoadData of PTX for sm_90a", ".version 8.0\n.target sm_90a\n.address_size 64\n");
  load_text("cuModuleLoadData of PTX for sm_100", ".version 8.6\n.target sm_100\n.address_size 64\n");
  load_text("cuModuleLoadData of PTX for sm_120", ".version 8.7\n.target sm_120\n.address_size 64\n");
  load_text("cuModuleLoadData of PTX for sm_90 of a version before it",
            ".version 7.0\n.target sm_90\n.address_size 64\n");
  load_text("cuModuleLoadData of PTX with an option of the target",
            ".version 6.0\n.target sm_60, texmode_independent\n.address_size 64\n");
  load_text("cuModuleLoadData of PTX without an address size", ".version 6.0\n.target sm_60\n");
  load_text("cuModuleLoadData of PTX behind comments",
            "// one\n/* two */ .version 6.0\n.target sm_60\n.address_size 64\n");
  load_text("cuModuleLoadData of PTX without a version", ".target sm_60\n.address_size 64\n");
  load_text("cuModuleLoadData of PTX of version nine", ".version nine\n.target sm_60\n.address_size 64\n");
  load_text("cuModuleLoadData of PTX with a directive that is none",
            ".version 6.0\n.target sm_60\n.address_size 64\n.wrong;\n");
  load_text("cuModuleLoadData of PTX with an open body",
            ".version 6.0\n.target sm_60\n.address_size 64\n.visible .entry k()\n{\n ret;\n");
  load_text("cuModuleLoadData of PTX with an error", ".version 6.0\n.target sm_60\n.address_size 64\nthis is wrong;\n");
  static constexpr unsigned char kZeros[256] = {};
  SHOW("cuModuleLoadData of zeros", "cuModuleLoadData", &module, static_cast<const void*>(kZeros));
  SHOW("cuModuleLoad of no file", "cuModuleLoad", &module, "/nowhere/to/be/found");
  SHOW("cuModuleLoad null", "cuModuleLoad", &module, static_cast<const char*>(nullptr));
  SHOW("cuModuleLoadDataEx with options missing", "cuModuleLoadDataEx", &module, static_cast<const void*>(kPtx), 1U,
       static_cast<int*>(nullptr), static_cast<void**>(nullptr));
  module = load_module();
  if (module == nullptr) return;
  SHOW("cuModuleGetFunction", "cuModuleGetFunction", &function, module, "scale");
  CUfunction again = nullptr;
  SHOW("cuModuleGetFunction again", "cuModuleGetFunction", &again, module, "scale");
  value("function", again == function ? "the same" : "another");
  SHOW("cuModuleGetFunction of nobody", "cuModuleGetFunction", &function, module, "nobody");
  SHOW("cuModuleGetFunction of a device function", "cuModuleGetFunction", &function, module, "helper");
  SHOW("cuModuleGetFunction of a variable", "cuModuleGetFunction", &function, module, "table");
  SHOW("cuModuleGetFunction of an empty name", "cuModuleGetFunction", &function, module, "");
  SHOW("cuModuleGetFunction null", "cuModuleGetFunction", &function, module, static_cast<const char*>(nullptr));
  SHOW("cuModuleGetFunction without a place", "cuModuleGetFunction", static_cast<CUfunction*>(nullptr), module,
       "scale");
  SHOW("cuModuleGetFunction of no module", "cuModuleGetFunction", &function, CUmodule{nullptr}, "scale");
  SHOW("cuModuleGetGlobal", "cuModuleGetGlobal_v2", &address, &size, module, "counter");
  value("size", static_cast<long long>(size));
  unsigned initial = 0;
  SHOW("cuMemcpyDtoH of it", "cuMemcpyDtoH_v2", static_cast<void*>(&initial), address, sizeof initial);
  value("initial", initial);
  SHOW("cuModuleGetGlobal of an invisible one", "cuModuleGetGlobal_v2", &address, &size, module, "table");
  SHOW("cuModuleGetGlobal of nobody", "cuModuleGetGlobal_v2", &address, &size, module, "nobody");
  SHOW("cuModuleGetGlobal of a kernel", "cuModuleGetGlobal_v2", &address, &size, module, "scale");
  SHOW("cuModuleGetGlobal without places", "cuModuleGetGlobal_v2", static_cast<CUdeviceptr*>(nullptr),
       static_cast<std::size_t*>(nullptr), module, "counter");
  SHOW("cuModuleGetGlobal null", "cuModuleGetGlobal_v2", &address, &size, module, static_cast<const char*>(nullptr));
  SHOW("cuModuleGetGlobal without a size", "cuModuleGetGlobal_v2", &address, static_cast<std::size_t*>(nullptr), module,
       "counter");
  SHOW("cuModuleGetGlobal without an address", "cuModuleGetGlobal_v2", static_cast<CUdeviceptr*>(nullptr), &size,
       module, "counter");
  SHOW("cuModuleGetGlobal of an empty name", "cuModuleGetGlobal_v2", &address, &size, module, "");
  ask("cuModuleGetGlobal_v2", &address, &size, module, "counter");
  SHOW("cuMemFree of a variable", "cuMemFree_v2", address);
  SHOW("cuMemcpyDtoH of it afterwards", "cuMemcpyDtoH_v2", static_cast<void*>(&initial), address, sizeof initial);
  SHOW("cuMemFree of it again", "cuMemFree_v2", address);
  SHOW("cuModuleGetGlobal of it afterwards", "cuModuleGetGlobal_v2", &address, &size, module, "counter");
  SHOW("cuModuleGetFunctionCount", "cuModuleGetFunctionCount", &count, module);
  value("count", count);
  CUfunction list[4] = {};
  SHOW("cuModuleEnumerateFunctions of 4", "cuModuleEnumerateFunctions", list, 4U, module);
  SHOW("cuModuleEnumerateFunctions of 0", "cuModuleEnumerateFunctions", list, 0U, module);
  SHOW("cuModuleUnload null", "cuModuleUnload", CUmodule{nullptr});
  SHOW("cuModuleUnload", "cuModuleUnload", module);
}

namespace {

// Variables with initial values, as many ways to write one as PTX has.
struct VariableQuestion {
  const char* what;
  const char* declaration;  // of a variable "v"
};

constexpr VariableQuestion kVariables[] = {
    {"decimal", ".u32 v = 305419896"},
    {"hexadecimal", ".u32 v = 0x12345678"},
    {"hexadecimal with U", ".u64 v = 0xfedcba9876543210U"},
    {"octal", ".u32 v = 017"},
    {"binary", ".u32 v = 0b1011"},
    {"negative", ".s16 v = -2"},
    {"complement", ".u32 v = ~0"},
    {"too large for its type", ".u8 v = 513"},
    {"sum", ".u32 v = 1 + 2"},
    {"product and sum", ".u32 v = 2 + 3 * 4"},
    {"parentheses", ".u32 v = (2 + 3) * 4"},
    {"shift", ".u32 v = 1 << 4"},
    {"choice", ".u32 v = 1 ? 5 : 6"},
    {"f32 as bits", ".f32 v = 0f3F8CCCCD"},
    {"f64 as bits", ".f64 v = 0d400921FB54442D18"},
    {"f32 in decimal", ".f32 v = 1.5"},
    {"f64 in decimal with an exponent", ".f64 v = -2.5e-3"},
    {"f32 of an integer", ".f32 v = 3"},
    {"integer of a fraction", ".u32 v = 3.7"},
    {"a list", ".u16 v[3] = {1, 2, 3}"},
    {"a shorter list", ".u16 v[4] = {1, 2}"},
    {"a longer list", ".u16 v[2] = {1, 2, 3}"},
    {"a list that tells the size", ".u16 v[] = {1, 2, 3}"},
    {"lists in a list", ".u8 v[2][3] = {{1, 2}, {3, 4, 5}}"},
    {"a flat list for rows", ".u8 v[2][3] = {1, 2, 3, 4, 5}"},
    {"rows whose number the lists tell", ".u8 v[][2] = {{1, 2}, {3}, {4, 5}}"},
    {"a vector", ".v4 .f32 v = {0f3F800000, 0f40000000, 0f40400000, 0f40800000}"},
    {"a list of bytes", ".b8 v[4] = {104, 105, 0xff, 0}"},
    {"no value", ".u64 v"},
    {"a capital 0X", ".u32 v = 0X1F"},
    {"a capital 0F", ".f32 v = 0F3F800000"},
    {"an octal 8", ".u32 v = 08"},
    {"f64 in decimal without a fraction", ".f64 v = 1e3"},
    {"f64 in decimal from the point", ".f64 v = .5"},
    {"f64 in decimal to the point", ".f64 v = 5."},
    {"bits of f32 in an integer", ".u32 v = 0f3F800000"},
    {"bits of f32 in b32", ".b32 v = 0f3F800000"},
    {"bits of f64 in f32", ".f32 v = 0d3FF8000000000000"},
    {"bits of f32 in f64", ".f64 v = 0f3FC00000"},
    {"a fraction in b32", ".b32 v = 1.5"},
    {"fractions in a sum", ".f32 v = 1.5 + 2.0"},
    {"fractions in a list", ".f32 v[2] = {1.5, -2.0}"},
    {"f16 as an integer", ".f16 v = 0x3c00"},
    {"f16 in decimal", ".f16 v = 1.5"},
    {"f16 in b16", ".b16 v = 0x3c00"},
    {"a quotient", ".s32 v = -7 / 2"},
    {"a remainder", ".s32 v = -7 % 3"},
    {"a quotient by 0", ".u32 v = 1 / 0"},
    {"bits", ".u32 v = 0xf0 & 0x3c | 1 ^ 2"},
    {"comparisons", ".u32 v = (1 < 2) + (2 <= 2) + (3 > 4) + (1 == 1) + (1 != 1)"},
    {"logic", ".u32 v = 2 && 3 || 0"},
    {"not", ".u32 v = !0"},
    {"minus one", ".u32 v = -1"},
    {"a shift to the right", ".s32 v = -8 >> 1"},
    {"64 bits in 32", ".u32 v = 4294967297"},
    {"the most of 64 bits", ".u64 v = 18446744073709551615"},
    {"a cast", ".u64 v = (.s64)-1"},
    {"a list for one", ".u32 v = {5}"},
    {"one for a list", ".u32 v[2] = 5"},
    {"a comma at the end of a list", ".u32 v[2] = {1, 2,}"},
    {"an empty list", ".u32 v[2] = {}"},
    {"a name that nobody has", ".u64 v = nobody"},
    {"another behind it", ".u32 v = 4, w = 5"},
    {"a bool", ".pred v"},
    {"a count of 0", ".u32 v[0]"},
    {"a count that is a sum", ".u8 v[1 + 2] = {1, 2, 3}"},
    {"a hexadecimal count", ".u8 v[0x3] = {1, 2, 3}"},
    {"a vector's array", ".v2 .u16 v[2] = {{1, 2}, {3, 4}}"},
    {"a flat list for vectors", ".v2 .u16 v[2] = {1, 2, 3, 4}"},
};

void ask_variable(const VariableQuestion& question) {
  char text[256];
  std::snprintf(text, sizeof text, ".version 7.0\n.target sm_70\n.address_size 64\n.visible .global %s;\n",
                question.declaration);
  CUmodule module = nullptr;
  char what[96];
  std::snprintf(what, sizeof what, "a variable with %s", question.what);
  const int loaded = ask("cuModuleLoadData", &module, static_cast<const void*>(text));
  show(what, loaded);
  if (loaded != CUDA_SUCCESS) return;
  CUdeviceptr address = 0;
  std::size_t size = 0;
  unsigned char bytes[32] = {};
  if (const int result = ask("cuModuleGetGlobal_v2", &address, &size, module, "v"); result != CUDA_SUCCESS)
    return show("its place", result);
  if (size > sizeof bytes) return value("size", static_cast<long long>(size));
  ask("cuMemcpyDtoH_v2", static_cast<void*>(bytes), address, size);
  char digits[2 * sizeof bytes + 1] = "";
  for (std::size_t i = 0; i < size; ++i) std::snprintf(digits + 2 * i, 3, "%02x", bytes[i]);
  value("bytes", digits);
  ask("cuModuleUnload", module);
}

// Where a variable's value is another's address: in front of it stands an array "a".
constexpr VariableQuestion kPointers[] = {
    {"an address", ".u64 v = a"},
    {"a generic address", ".u64 v = generic(a)"},
    {"an address and 8", ".u64 v = a + 8"},
    {"an element's address", ".u64 v = a[2]"},
    {"addresses in a list", ".u64 v[2] = {a, 7}"},
    {"an address in 32 bits", ".u32 v = a"},
    {"its own address", ".u64 v = v"},
};

void ask_pointer(const VariableQuestion& question) {
  char text[256];
  std::snprintf(text, sizeof text,
                ".version 7.1\n.target sm_70\n.address_size 64\n.visible .global .u32 a[4] = {1, 2, 3, 4};\n.visible "
                ".global %s;\n",
                question.declaration);
  CUmodule module = nullptr;
  char what[96];
  std::snprintf(what, sizeof what, "a variable with %s", question.what);
  const int loaded = ask("cuModuleLoadData", &module, static_cast<const void*>(text));
  show(what, loaded);
  if (loaded != CUDA_SUCCESS) return;
  CUdeviceptr array = 0;
  CUdeviceptr address = 0;
  std::size_t size = 0;
  std::uint64_t words[2] = {};
  ask("cuModuleGetGlobal_v2", &array, &size, module, "a");
  SHOW("its place", "cuModuleGetGlobal_v2", &address, &size, module, "v");
  if (size <= sizeof words) ask("cuMemcpyDtoH_v2", static_cast<void*>(words), address, size);
  value("value", words[0] == array                  ? "the address"
                 : words[0] == array + 8            ? "8 behind the address"
                 : words[0] == address              ? "its own"
                 : words[0] == (array & 0xffffffff) ? "half of the address"
                                                    : "another");
  value("second", static_cast<long long>(words[1]));
  ask("cuModuleUnload", module);
}

}  // namespace

void ask_variables() {
  make_context();
  for (const VariableQuestion& question : kVariables) ask_variable(question);
  for (const VariableQuestion& question : kPointers) ask_pointer(question);
}

void ask_libraries() {
  ask("cuInit", 0U);
  CUlibrary library = nullptr;
  int* const none = nullptr;
  void** const no_values = nullptr;
  const auto load_library = [&](const char* what, const void* code) {
    SHOW(what, "cuLibraryLoadData", &library, code, none, no_values, 0U, none, no_values, 0U);
  };
  load_library("cuLibraryLoadData null", nullptr);
  CUkernel kernel = nullptr;
  unsigned count = 0;
  for (const char* text :
       {"this is no device code at all, and long enough to be looked at\n",
        ".version 6.0\n.target sm_60\nthis is wrong;\n", ".version 99.0\n.target sm_60\n.address_size 64\n"}) {
    value("text", text[0] == 't' ? "prose" : text[9] == '6' ? "PTX with an error" : "PTX of version 99");
    library = nullptr;
    load_library("cuLibraryLoadData of it", text);
    if (library == nullptr) continue;
    SHOW("cuLibraryGetKernelCount of it", "cuLibraryGetKernelCount", &count, library);
    SHOW("cuLibraryGetKernel of it", "cuLibraryGetKernel", &kernel, library, "scale");
    SHOW("cuLibraryUnload of it", "cuLibraryUnload", library);
  }
  SHOW("cuLibraryLoadFromFile of no file", "cuLibraryLoadFromFile", &library, "/nowhere/to/be/found", none, no_values,
       0U, none, no_values, 0U);
  library = nullptr;
  load_library("cuLibraryLoadData of PTX without a context", kPtx);
  if (library == nullptr) return;
  SHOW("cuLibraryGetKernelCount", "cuLibraryGetKernelCount", &count, library);
  value("count", count);
  SHOW("cuLibraryGetKernel of nobody", "cuLibraryGetKernel", &kernel, library, "nobody");
  SHOW("cuLibraryGetKernel", "cuLibraryGetKernel", &kernel, library, "scale");
  const char* name = nullptr;
  SHOW("cuKernelGetName", "cuKernelGetName", &name, kernel);
  int number = 0;
  SHOW("cuKernelGetAttribute of device 64", "cuKernelGetAttribute", &number, 0, kernel, 64);
  SHOW("cuKernelGetAttribute", "cuKernelGetAttribute", &number, 0, kernel, 0);
  value("threads", number);
  SHOW("cuKernelGetAttribute of its PTX", "cuKernelGetAttribute", &number, 5, kernel, 0);
  value("version", number);
  SHOW("cuLibraryGetKernel of an empty name", "cuLibraryGetKernel", &kernel, library, "");
  ask("cuLibraryGetKernel", &kernel, library, "scale");
  CUkernel list[4] = {};
  SHOW("cuLibraryEnumerateKernels of 0", "cuLibraryEnumerateKernels", list, 0U, library);
  SHOW("cuLibraryEnumerateKernels of 4", "cuLibraryEnumerateKernels", list, 4U, library);
  CUfunction function = nullptr;
  CUmodule module = nullptr;
  SHOW("cuKernelGetFunction without a context", "cuKernelGetFunction", &function, kernel);
  SHOW("cuLibraryGetModule without a context", "cuLibraryGetModule", &module, library);
  make_context();
  SHOW("cuKernelGetFunction", "cuKernelGetFunction", &function, kernel);
  SHOW("cuLibraryGetModule", "cuLibraryGetModule", &module, library);
  SHOW("cuModuleUnload of a library's module", "cuModuleUnload", module);
  CUmodule owner = nullptr;
  SHOW("cuFuncGetModule of a kernel", "cuFuncGetModule", &owner, reinterpret_cast<CUfunction>(kernel));
  CUdeviceptr address = 0;
  std::size_t size = 0;
  SHOW("cuLibraryGetGlobal", "cuLibraryGetGlobal", &address, &size, library, "counter");
  value("size", static_cast<long long>(size));
  SHOW("cuLibraryGetGlobal without places", "cuLibraryGetGlobal", static_cast<CUdeviceptr*>(nullptr),
       static_cast<std::size_t*>(nullptr), library, "counter");
  SHOW("cuLibraryGetGlobal of a kernel", "cuLibraryGetGlobal", &address, &size, library, "scale");
  SHOW("cuLibraryGetGlobal of nobody", "cuLibraryGetGlobal", &address, &size, library, "nobody");
  SHOW("cuLibraryGetManaged of what is not", "cuLibraryGetManaged", &address, &size, library, "counter");
  SHOW("cuLibraryUnload null", "cuLibraryUnload", CUlibrary{nullptr});
  SHOW("cuLibraryUnload", "cuLibraryUnload", library);
}

}  // namespace vgpu::test
