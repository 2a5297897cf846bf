// usage: llama-server [--list-devices]
// The part of llama.cpp's llama-server that Ollama asks for GPUs: it loads the backends through the real
// libggml (which dlopens what GGML_BACKEND_PATH names, here the real libggml-cuda.so) and shows the devices.
// With the option on stdout, without it in its log on stderr, where ggml itself already wrote "Device N: ...,
// compute capability X.Y".
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ggml-backend.h. A struct ggml_backend_feature is two strings; a list of them ends with a null name.
struct feature {
  const char *name, *value;
};
enum { kDeviceTypeGpu = 1 };

static void* (*dev_get)(size_t);
static size_t (*dev_count)(void);
static int (*dev_type)(void*);
static const char* (*dev_name)(void*);
static const char* (*dev_description)(void*);
static void (*dev_memory)(void*, size_t*, size_t*);
static void* (*dev_backend_reg)(void*);
static const char* (*reg_name)(void*);
static void* (*reg_get_proc_address)(void*, const char*);
static void (*load_all)(void);

static void look_up(void* function, void* library, const char* name) {
  void* address = dlsym(library, name);
  if (address == NULL) {
    fprintf(stderr, "llama-server: %s\n", dlerror());
    exit(1);
  }
  memcpy(function, &address, sizeof address);
}

// "system_info: ... | CUDA : ARCHS = 750,800,900 | ..."
static void print_features(void* reg) {
  struct feature* (*features)(void*);
  void* address = reg_get_proc_address(reg, "ggml_backend_get_features");
  if (address == NULL) return;
  memcpy(&features, &address, sizeof address);
  fprintf(stderr, "%s : ", reg_name(reg));
  for (struct feature* f = features(reg); f->name != NULL; ++f) fprintf(stderr, "%s = %s | ", f->name, f->value);
}

int main(int argc, char** argv) {
  const int list = argc > 1 && strcmp(argv[1], "--list-devices") == 0;
  void* ggml = dlopen("libggml.so", RTLD_NOW | RTLD_LOCAL);
  if (ggml == NULL) {
    fprintf(stderr, "llama-server: %s\n", dlerror());
    return 1;
  }
  look_up(&load_all, ggml, "ggml_backend_load_all");
  look_up(&dev_count, ggml, "ggml_backend_dev_count");
  look_up(&dev_get, ggml, "ggml_backend_dev_get");
  look_up(&dev_type, ggml, "ggml_backend_dev_type");
  look_up(&dev_name, ggml, "ggml_backend_dev_name");
  look_up(&dev_description, ggml, "ggml_backend_dev_description");
  look_up(&dev_memory, ggml, "ggml_backend_dev_memory");
  look_up(&dev_backend_reg, ggml, "ggml_backend_dev_backend_reg");
  look_up(&reg_name, ggml, "ggml_backend_reg_name");
  look_up(&reg_get_proc_address, ggml, "ggml_backend_reg_get_proc_address");
  load_all();

  if (list) printf("Available devices:\n");
  void* shown = NULL;
  for (size_t i = 0; i < dev_count(); ++i) {
    void* device = dev_get(i);
    if (dev_type(device) != kDeviceTypeGpu) continue;
    if (list) {
      size_t free_bytes = 0, total_bytes = 0;
      dev_memory(device, &free_bytes, &total_bytes);
      printf("  %s: %s (%zu MiB, %zu MiB free)\n", dev_name(device), dev_description(device), total_bytes >> 20,
             free_bytes >> 20);
    } else if (dev_backend_reg(device) != shown) {
      shown = dev_backend_reg(device);
      fprintf(stderr, "system_info: ");
      print_features(shown);
      fprintf(stderr, "\n");
    }
  }
  return 0;
}
