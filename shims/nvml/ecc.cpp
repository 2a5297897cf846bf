// Error correction, where the description has it, and the errors it found: none.
#include "shims/nvml/identity.h"

namespace vgpu::nvml {
namespace {

// body() where there is ECC, after the checks.
template <typename Body, typename... Pointers>
nvmlReturn_t with_ecc(nvmlDevice_t device, bool good, Body body, const Pointers*... outputs) {
  return with_device(device, [&](int, const Description& one) {
    if (!good || ((outputs == nullptr) || ...)) return NVML_ERROR_INVALID_ARGUMENT;
    if (one.ecc == 0) return NVML_ERROR_NOT_SUPPORTED;
    return body(one);
  });
}

// nvmlMemoryErrorType_t: corrected, uncorrected. nvmlEccCounterType_t: volatile, aggregate.
bool counter(unsigned type, unsigned kind) { return type < 2 && kind < 2; }

// Pages are retired before 8.0, rows are remapped from then on.
bool retires_pages(const Description& device) { return device.ecc != 0 && !remaps_rows(device); }

nvmlReturn_t no_pages(nvmlDevice_t device, unsigned cause, unsigned* count) {
  return with_device(device, [&](int, const Description& one) {
    if (cause > 1 || count == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    if (!retires_pages(one)) return NVML_ERROR_NOT_SUPPORTED;
    *count = 0;
    return NVML_SUCCESS;
  });
}

}  // namespace
}  // namespace vgpu::nvml

using namespace vgpu::nvml;

VGPU_NVML nvmlDeviceGetEccMode(nvmlDevice_t device, int* current, int* pending) {
  return with_ecc(
      device, true, [&](const Description&) { return *current = *pending = 1, NVML_SUCCESS; }, current, pending);
}

VGPU_NVML nvmlDeviceGetDefaultEccMode(nvmlDevice_t device, int* mode) {
  return with_ecc(
      device, true, [&](const Description&) { return *mode = 1, NVML_SUCCESS; }, mode);
}

VGPU_NVML nvmlDeviceGetTotalEccErrors(nvmlDevice_t device, unsigned type, unsigned kind, unsigned long long* count) {
  return with_ecc(
      device, counter(type, kind), [&](const Description&) { return *count = 0, NVML_SUCCESS; }, count);
}

VGPU_NVML nvmlDeviceGetDetailedEccErrors(nvmlDevice_t device, unsigned type, unsigned kind,
                                         nvmlEccErrorCounts_t* counts) {
  return with_ecc(
      device, counter(type, kind), [&](const Description&) { return *counts = {}, NVML_SUCCESS; }, counts);
}

// `place`: nvmlMemoryLocation_t, 0 to 7; from 8.0 on errors are counted for DRAM (2) and SRAM (7) only.
VGPU_NVML nvmlDeviceGetMemoryErrorCounter(nvmlDevice_t device, unsigned type, unsigned kind, unsigned place,
                                          unsigned long long* count) {
  return with_ecc(
      device, counter(type, kind) && place < 8,
      [&](const Description& one) {
        if (one.cc_major >= 8 && place != 2 && place != 7) return NVML_ERROR_NOT_SUPPORTED;
        return *count = 0, NVML_SUCCESS;
      },
      count);
}

VGPU_NVML nvmlDeviceGetSramEccErrorStatus(nvmlDevice_t device, nvmlEccSramErrorStatus_v1_t* status) {
  return with_ecc(
      device, true,
      [&](const Description&) {
        constexpr unsigned kVersion = struct_version<nvmlEccSramErrorStatus_v1_t>(1);
        if (status->version != kVersion) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
        *status = {};
        status->version = kVersion;
        return NVML_SUCCESS;
      },
      status);
}

VGPU_NVML nvmlDeviceGetRetiredPages(nvmlDevice_t device, unsigned cause, unsigned* count, unsigned long long*) {
  return no_pages(device, cause, count);
}
VGPU_NVML nvmlDeviceGetRetiredPages_v2(nvmlDevice_t device, unsigned cause, unsigned* count, unsigned long long*,
                                       unsigned long long*) {
  return no_pages(device, cause, count);
}
VGPU_NVML nvmlDeviceGetRetiredPagesPendingStatus(nvmlDevice_t device, unsigned* pending) {
  return no_pages(device, 0, pending);
}

VGPU_NVML nvmlDeviceGetRemappedRows(nvmlDevice_t device, unsigned* corrected, unsigned* uncorrected, unsigned* pending,
                                    unsigned* failed) {
  return with_device(device, [&](int, const Description& one) {
    if (corrected == nullptr || uncorrected == nullptr || pending == nullptr || failed == nullptr) {
      return NVML_ERROR_INVALID_ARGUMENT;
    }
    if (!remaps_rows(one)) return NVML_ERROR_NOT_SUPPORTED;
    *corrected = *uncorrected = *pending = *failed = 0;
    return NVML_SUCCESS;
  });
}

// Every bank has all its spare rows: 2560 banks, an H100's.
VGPU_NVML nvmlDeviceGetRowRemapperHistogram(nvmlDevice_t device, nvmlRowRemapperHistogramValues_t* values) {
  return with_device(device, [&](int, const Description& one) {
    if (values == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    if (!remaps_rows(one)) return NVML_ERROR_NOT_SUPPORTED;
    *values = {.max = 2560, .high = 0, .partial = 0, .low = 0, .none = 0};
    return NVML_SUCCESS;
  });
}
