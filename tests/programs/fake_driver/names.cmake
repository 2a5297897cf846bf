# cmake -DLIST=export list -DSOURCE=file -P names.cmake: a weak function for each name.
file(STRINGS ${LIST} lines REGEX "^[A-Za-z_]")
set(text "#include \"tests/programs/fake_driver/call.h\"\n\n")
set(index 0)
foreach(line IN LISTS lines)
  if(NOT line MATCHES "object=")
    string(REGEX MATCH "^[^ ]+" name "${line}")
    string(APPEND text "extern \"C\" __attribute__((weak)) long ${name}(FAKE_PARAMETERS) { return fake_note(${index}, \"${name}\", FAKE_ARGUMENTS); }\n")
  endif()
  math(EXPR index "${index} + 1")
endforeach()
# A name that no list has: newer than our shims.
string(APPEND text "extern \"C\" long cuNewerThanTheList(FAKE_PARAMETERS) { return fake_note(${index}, \"cuNewerThanTheList\", FAKE_ARGUMENTS); }\n")
file(WRITE ${SOURCE} "${text}")
