// The devices that this process sees.
#pragma once

struct FakeGpu {
  int uuid;  // its first byte, the others are 0
  int bus;
};

inline constexpr int kMostGpus = 16;
inline constexpr int kNamedTwice = -1;

// FAKE_GPUS: the machine has so many, a0... on falling buses; CUDA_VISIBLE_DEVICES chooses among them as it does on a
// real driver. FAKE_MIG: the first one has been cut into so many instances, MIG-e0... A process sees one of them at
// most. Without FAKE_GPUS there are FAKE_DEVICES from FAKE_FIRST on, whatever the variable says. Returns how many.
int fake_visible_gpus(FakeGpu (&gpus)[kMostGpus]);

int fake_number(const char* variable, int otherwise);
