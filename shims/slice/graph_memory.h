// Memory of graphs: nodes that allocate, made one by one or captured from a stream. The driver takes it when the graph
// runs for the first time and keeps it for the next run, until it is trimmed (cuDeviceGraphMemTrim).
#pragma once

namespace vgpu::slice {

// There is a node that allocates. Before that nobody looks for any.
void graph_memory_seen();

// What the graphs of all devices keep by now. One load before graph_memory_seen().
void settle_graphs();

}  // namespace vgpu::slice
