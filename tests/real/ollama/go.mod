module vgpu-run/tests/real/ollama

go 1.19
