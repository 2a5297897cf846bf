"""What tests/gpu/run does with JAX, which takes three quarters of the device when it starts."""
import jax
import jax.numpy as jnp

device = jax.devices("gpu")[0]
total = int(jnp.arange(1 << 16, dtype=jnp.int32).sum())
stats = device.memory_stats()
product = float(jnp.ones((512, 512)).dot(jnp.ones((512, 512))).sum())
wanted = (total, product) == ((1 << 15) * ((1 << 16) - 1) % 2**32, 512.0**3)
print("sums ok," if wanted else f"sums {total} {product},", "preallocated", stats["bytes_limit"] >> 20, "MiB")
