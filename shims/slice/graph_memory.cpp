#include "shims/slice/graph_memory.h"

#include <sys/mman.h>

#include <atomic>

#include "shims/device/description.h"
#include "shims/slice/quota.h"

using namespace vgpu::slice;
using vgpu::cuda::CUDA_SUCCESS;
using vgpu::cuda::CUstream;
namespace abi = vgpu::abi;

namespace {

using Graph = void*;
using Node = void*;
using Executable = void*;

constexpr int kChild = 4;      // CU_GRAPH_NODE_TYPE_GRAPH
constexpr int kAllocate = 10;  // CU_GRAPH_NODE_TYPE_MEM_ALLOC
constexpr int kDeepest = 16;   // graphs within graphs

struct Allocation {  // CUDA_MEM_ALLOC_NODE_PARAMS
  int type;
  int handle_types;
  int location_type;
  int location;
  unsigned char other_properties[72];
  const void* access;
  std::size_t access_count;
  std::size_t bytes;
  CUdeviceptr at;
};
static_assert(sizeof(Allocation) == 120);

constinit std::atomic<bool> seen = false;
constinit std::atomic<std::uint64_t> trims = 1;

bool any() { return seen.load(std::memory_order_relaxed) && has_quota(); }

struct Need {
  int device = -1;  // the session's number: that of the first node; graphs over several devices count there
  std::uint64_t bytes = 0;
};

void add_node(Node node, Need& need, int depth);

void add_graph(Graph graph, Need& need, int depth) {
  std::size_t count = 0;
  if (depth > kDeepest || real(abi::k_cuGraphGetNodes, graph, static_cast<Node*>(nullptr), &count) != CUDA_SUCCESS ||
      count == 0)
    return;
  const std::size_t size = count * sizeof(Node);
  void* pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return;
  Node* nodes = static_cast<Node*>(pages);
  if (real(abi::k_cuGraphGetNodes, graph, nodes, &count) == CUDA_SUCCESS) {
    for (std::size_t i = 0; i < count; ++i) add_node(nodes[i], need, depth);
  }
  munmap(pages, size);
}

void add_node(Node node, Need& need, int depth) {
  int type = -1;
  if (real(abi::k_cuGraphNodeGetType, node, &type) != CUDA_SUCCESS) return;
  Graph child = nullptr;
  if (type == kChild && real(abi::k_cuGraphChildGraphNodeGetGraph, node, &child) == CUDA_SUCCESS)
    return add_graph(child, need, depth + 1);
  Allocation allocation = {};
  if (type != kAllocate || real(abi::k_cuGraphMemAllocNodeGetParams, node, &allocation) != CUDA_SUCCESS) return;
  if (need.device < 0) need.device = number_of(allocation.location);
  need.bytes += whole_units(allocation.bytes);
}

// call() may make the driver take up to `need`.
template <class Call>
CUresult granted(const Need& need, Call call) {
  if (!graph_grant(need.device, need.bytes)) return vgpu::cuda::CUDA_ERROR_OUT_OF_MEMORY;
  const CUresult result = call();
  graph_granted(need.device, need.bytes);
  return result;
}

// Memory may be taken here already.
template <class Instantiate>
CUresult instantiate(Executable* made, Graph graph, Instantiate ask) {
  if (!any() || made == nullptr) return ask();
  Need need;
  add_graph(graph, need, 0);
  if (need.device < 0) return ask();
  const CUresult result = granted(need, ask);
  if (result != CUDA_SUCCESS) return result;
  remember({.kind = Kind::graph,
            .device = need.device,
            .key = reinterpret_cast<std::uint64_t>(*made),
            .bytes = need.bytes,
            .references = 0,
            .mappings = 0});
  return result;
}

// `references` is the value of `trims` when it last ran: from then on it has what it needs, until somebody trims.
template <class Launch>
CUresult launch(Executable graph, Launch ask) {
  if (!any()) return ask();
  Charge charge = {};
  const auto look = [](Charge&, std::uint64_t) { return false; };
  const auto ran = [](Charge& of, std::uint64_t now) { return of.references = now, false; };
  const auto key = reinterpret_cast<std::uint64_t>(graph);
  const std::uint64_t now = trims.load(std::memory_order_acquire);
  if (!change(Kind::graph, key, look, 0, charge)) return ask();
  if (charge.references == now) {
    const CUresult result = ask();
    graph_settle(charge.device);
    return result;
  }
  const CUresult result = granted({.device = charge.device, .bytes = charge.bytes}, ask);
  if (result == CUDA_SUCCESS) change(Kind::graph, key, ran, now, charge);
  return result;
}

}  // namespace

namespace vgpu::slice {

void graph_memory_seen() { seen.store(true, std::memory_order_relaxed); }

void settle_graphs() {
  if (!any()) return;
  for (int number = 0; number < vgpu::device::kMaxDevices; ++number) {
    if (handle_of(number) >= 0) graph_settle(number);
  }
}

}  // namespace vgpu::slice

VGPU_CUDA cuGraphAddMemAllocNode(Node* node, Graph graph, const Node* before, std::size_t count,
                                 Allocation* allocation) {
  graph_memory_seen();
  return real(abi::k_cuGraphAddMemAllocNode, node, graph, before, count, allocation);
}
VGPU_CUDA cuGraphAddNode(Node* node, Graph graph, const Node* before, std::size_t count, int* parameters) {
  if (parameters != nullptr && *parameters == kAllocate) graph_memory_seen();
  return real(abi::k_cuGraphAddNode, node, graph, before, count, parameters);
}
VGPU_CUDA cuGraphAddNode_v2(Node* node, Graph graph, const Node* before, const void* edges, std::size_t count,
                            int* parameters) {
  if (parameters != nullptr && *parameters == kAllocate) graph_memory_seen();
  return real(abi::k_cuGraphAddNode_v2, node, graph, before, edges, count, parameters);
}

VGPU_CUDA cuGraphInstantiate(Executable* made, Graph graph, Node* wrong, char* log, std::size_t room) {
  return instantiate(made, graph, [&] { return real(abi::k_cuGraphInstantiate, made, graph, wrong, log, room); });
}
VGPU_CUDA cuGraphInstantiate_v2(Executable* made, Graph graph, Node* wrong, char* log, std::size_t room) {
  return instantiate(made, graph, [&] { return real(abi::k_cuGraphInstantiate_v2, made, graph, wrong, log, room); });
}
VGPU_CUDA cuGraphInstantiateWithFlags(Executable* made, Graph graph, unsigned long long flags) {
  return instantiate(made, graph, [&] { return real(abi::k_cuGraphInstantiateWithFlags, made, graph, flags); });
}
VGPU_CUDA cuGraphInstantiateWithParams(Executable* made, Graph graph, void* parameters) {
  return instantiate(made, graph, [&] { return real(abi::k_cuGraphInstantiateWithParams, made, graph, parameters); });
}
VGPU_CUDA cuGraphInstantiateWithParams_ptsz(Executable* made, Graph graph, void* parameters) {
  return instantiate(made, graph,
                     [&] { return real(abi::k_cuGraphInstantiateWithParams_ptsz, made, graph, parameters); });
}

VGPU_CUDA cuGraphLaunch(Executable graph, CUstream stream) {
  return launch(graph, [&] { return real(abi::k_cuGraphLaunch, graph, stream); });
}
VGPU_CUDA cuGraphLaunch_ptsz(Executable graph, CUstream stream) {
  return launch(graph, [&] { return real(abi::k_cuGraphLaunch_ptsz, graph, stream); });
}
VGPU_CUDA cuGraphUpload(Executable graph, CUstream stream) {
  return launch(graph, [&] { return real(abi::k_cuGraphUpload, graph, stream); });
}
VGPU_CUDA cuGraphUpload_ptsz(Executable graph, CUstream stream) {
  return launch(graph, [&] { return real(abi::k_cuGraphUpload_ptsz, graph, stream); });
}

VGPU_CUDA cuGraphExecDestroy(Executable graph) {
  Charge charge = {};
  const bool ours = any() && forget(Kind::graph, reinterpret_cast<std::uint64_t>(graph), charge);
  const CUresult result = real(abi::k_cuGraphExecDestroy, graph);
  if (ours && result == CUDA_SUCCESS) graph_settle(charge.device);
  if (ours && result != CUDA_SUCCESS) remember(charge);
  return result;
}

VGPU_CUDA cuDeviceGraphMemTrim(CUdevice device) {
  const CUresult result = real(abi::k_cuDeviceGraphMemTrim, device);
  trims.fetch_add(1, std::memory_order_acq_rel);
  if (any() && number_of(device) >= 0) graph_settle(number_of(device));
  return result;
}
