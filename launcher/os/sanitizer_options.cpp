// Part of our programs in a build with AddressSanitizer (./dev asan). Its run time ends a program in which it is not the
// first library of all, and ours are started behind preloads.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "verify_asan_link_order=0"; }
