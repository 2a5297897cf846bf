// nvmlDeviceGetFieldValues: many values in one call, each with a status of its own. Numbers, types and who has which as
// an H100 answers them with driver 580 (NVML_FI_DEV_... in NVML's reference).
#include "shims/nvml/identity.h"
#include "shims/nvml/idle.h"

namespace vgpu::nvml {
namespace {

constexpr unsigned kFields = 303;  // NVML_FI_MAX of NVML 13

nvmlReturn_t integer(nvmlFieldValue_t& field, unsigned value) {
  field.valueType = NVML_VALUE_TYPE_UNSIGNED_INT;
  field.value.ullVal = value;
  return NVML_SUCCESS;
}

nvmlReturn_t wide(nvmlFieldValue_t& field, unsigned long long value) {
  field.valueType = NVML_VALUE_TYPE_UNSIGNED_LONG_LONG;
  field.value.ullVal = value;
  return NVML_SUCCESS;
}

nvmlReturn_t sign(nvmlFieldValue_t& field, int value) {
  field.valueType = NVML_VALUE_TYPE_SIGNED_INT;
  field.value.ullVal = static_cast<unsigned>(value);
  return NVML_SUCCESS;
}

nvmlReturn_t wide_if(bool there, nvmlFieldValue_t& field, unsigned long long value) {
  return there ? wide(field, value) : NVML_ERROR_NOT_SUPPORTED;
}

nvmlReturn_t fill(const Description& device, nvmlFieldValue_t& field) {
  const bool ecc = device.ecc != 0;
  switch (field.fieldId) {
    case 1:  // ECC mode, current and pending
    case 2: return wide_if(ecc, field, 1);
    case 3:  // ECC errors
    case 4:
    case 5:
    case 6: return wide_if(ecc, field, 0);
    case 29:  // retired pages
    case 30:
    case 31: return wide_if(ecc && !remaps_rows(device), field, 0);
    case 74:  // performance held back, by policy
    case 75:
    case 76:
    case 77:
    case 78:
    case 79:
    case 80:
    case 81:
    case 269:
    case 270:
    case 271: return wide(field, 0);
    case 82: return integer(field, kTemperature);  // memory
    case 83:                                       // energy
    case 191: return wide(field, energy(device));
    case 94:  // PCIe: replays and errors
    case 95:
    case 169:
    case 173:
    case 174:
    case 175:
    case 176:
    case 177:
    case 178:
    case 179:
    case 180:
    case 181:
    case 182:
    case 183: return integer(field, 0);
    case 142:  // remapped rows
    case 143:
    case 144:
    case 145: return wide_if(remaps_rows(device), field, 0);
    case 184: return integer(field, 0);  // MIG without a reset
    case 185:
    case 186: return integer(field, idle_power(device));
    case 187: return integer(field, least_power_limit(device));
    case 188:
    case 189:
    case 190:
    case 192: return integer(field, power_limit(device));
    case 193: return sign(field, -8);  // distance of the limits from the highest working temperature
    case 194: return sign(field, -2);
    case 195:
    case 196: return sign(field, 0);
    case 197:  // PCIe bytes sent and received
    case 198: return integer(field, 0);
    case 199: return integer(field, can_do_mig(device));
    case 226:  // reset and recovery: nothing to be done
    case 227:
    case 230: return integer(field, 0);
    default:
      return field.fieldId == 0 || field.fieldId >= kFields ? NVML_ERROR_INVALID_ARGUMENT : NVML_ERROR_NOT_SUPPORTED;
  }
}

}  // namespace
}  // namespace vgpu::nvml

using namespace vgpu::nvml;

VGPU_NVML nvmlDeviceGetFieldValues(nvmlDevice_t device, int count, nvmlFieldValue_t* fields) {
  return with_device(device, [&](int, const Description& one) {
    if (count <= 0 || fields == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    for (int i = 0; i < count; ++i) {
      nvmlFieldValue_t& field = fields[i];
      field.timestamp = static_cast<long long>(now());
      field.latencyUsec = 0;
      field.nvmlReturn = fill(one, field);
    }
    return NVML_SUCCESS;
  });
}

// Counters that can be cleared are 0 already.
VGPU_NVML nvmlDeviceClearFieldValues(nvmlDevice_t device, int count, nvmlFieldValue_t* fields) {
  return with_device(device, [&](int, const Description&) {
    if (count <= 0 || fields == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    for (int i = 0; i < count; ++i) fields[i].nvmlReturn = NVML_ERROR_NOT_SUPPORTED;
    return NVML_SUCCESS;
  });
}
