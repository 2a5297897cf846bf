// The manifest's rules for children: VGPU_CHILDREN, see shims/contract.h.
#pragma once

#include "shims/propagate/propagate.h"
#include "shims/propagate/text.h"

namespace vgpu::propagate {

enum class Rule : unsigned char { none, inject, leave, hide };

// What the first rule that matches says. What cannot be read matches nothing.
Rule rule_for(Text rules, const char* path, char* const* argv);

// Shell patterns: * ? [a-z] [!a-z] and \ before a literal; '*' crosses '/'. %XX in the pattern stands for one byte.
bool matches(Text pattern, Text subject);

}  // namespace vgpu::propagate
