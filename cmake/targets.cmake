# How a room becomes a target: the same language, warnings and floating-point rules everywhere.

# Options shared by all our targets.
add_library(convlens_options INTERFACE)
target_include_directories(convlens_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(convlens_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
  # The compiler never fuses a*b+c on its own: kernels say where they do, so bits agree between files and flags.
  -ffp-contract=off
  # GCC 12 and 13 report overlapping copies inside std::string's operator+ at -O3 where there are none (GCC bug 105651).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict>)
if(CONVLENS_SCALAR)
  target_compile_definitions(convlens_options INTERFACE HWY_COMPILE_ONLY_SCALAR)
endif()
if(CONVLENS_SANITIZE)
  target_compile_options(convlens_options INTERFACE -fsanitize=${CONVLENS_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(convlens_options INTERFACE -fsanitize=${CONVLENS_SANITIZE})
endif()

# convlens_room(name SOURCES a.cpp ... LINKS other ...)
function(convlens_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(${name} PUBLIC convlens_options ${ROOM_LINKS})
endfunction()

# What a test program needs to know about the sanitizers it may have been built with.
set(CONVLENS_TEST_ENVIRONMENT
  "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp"
  "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/lsan.supp")

# convlens_test(name SOURCES a.cpp ... LINKS other ...): a doctest program, one ctest entry.
function(convlens_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE convlens_options test_main rapidcheck ${TEST_LINKS})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES ENVIRONMENT "${CONVLENS_TEST_ENVIRONMENT}")
endfunction()

# convlens_embed(target symbol file): links the file's bytes in as convlens_embedded_<symbol>{,_end}.
function(convlens_embed target symbol file)
  set(assembly ${CMAKE_CURRENT_BINARY_DIR}/embedded_${symbol}.S)
  file(CONFIGURE OUTPUT ${assembly} @ONLY CONTENT [[
    .section .rodata
    .global convlens_embedded_@symbol@
    .global convlens_embedded_@symbol@_end
    .balign 16
convlens_embedded_@symbol@:
    .incbin "@file@"
convlens_embedded_@symbol@_end:
    .byte 0
    .section .note.GNU-stack,"",%progbits
]])
  set_property(SOURCE ${assembly} APPEND PROPERTY OBJECT_DEPENDS ${file})
  target_sources(${target} PRIVATE ${assembly})
endfunction()
