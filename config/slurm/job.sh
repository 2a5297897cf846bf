#!/bin/bash
# Four tasks, each on a virtual GPU: sbatch job.sh python3 train.py
# vgpu-run stands behind srun, so that every task is launched on the node where it runs. srun --export=NONE and a task prolog may
# change the environment as they like: the shims are put in last.
#SBATCH --job-name=vgpu
#SBATCH --ntasks=4
exec srun vgpu-run -- "$@"
