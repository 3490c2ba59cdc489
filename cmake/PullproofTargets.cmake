# One way to declare a room of the house: a static library with an alias, its public headers in a
# file set (so that they install), warnings from one interface target.
#
#   pullproof_library(oci_digest
#     SOURCES digest.cc
#     HEADERS digest.h
#     DEPENDS pullproof::base        # what the headers need
#     PRIVATE OpenSSL::Crypto)       # what only the sources need
function(pullproof_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;HEADERS;DEPENDS;PRIVATE")
  add_library(pullproof_${name} STATIC)
  add_library(pullproof::${name} ALIAS pullproof_${name})
  target_sources(pullproof_${name}
    PRIVATE ${arg_SOURCES}
    PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${arg_HEADERS})
  target_link_libraries(pullproof_${name}
    PUBLIC ${arg_DEPENDS}
    # Others who link the installed library are not to compile as we do.
    PRIVATE $<BUILD_INTERFACE:pullproof::warnings> $<BUILD_INTERFACE:pullproof::instrumentation>
            ${arg_PRIVATE})
  target_compile_features(pullproof_${name} PUBLIC cxx_std_23)
  # Sources and headers include from the root of the house.
  target_include_directories(pullproof_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
endfunction()

# A GoogleTest program, one per room: pullproof_test(oci SOURCES digest_test.cc … DEPENDS …).
# Test names in ctest are ROOM.Suite.Name. READS_SOURCE_TREE defines PULLPROOF_SOURCE_DIR for tests
# with data files; the others compile to the same bytes in every checkout, so that ccache serves
# them all.
function(pullproof_test name)
  if(NOT BUILD_TESTING)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "READS_SOURCE_TREE" "" "SOURCES;DEPENDS")
  add_executable(${name}_test ${arg_SOURCES})
  target_link_libraries(${name}_test
    PRIVATE pullproof::warnings pullproof::instrumentation ${arg_DEPENDS} GTest::gmock_main)
  target_compile_features(${name}_test PRIVATE cxx_std_23)
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR})
  # The tests themselves need not be fast, only the code that they test.
  target_compile_options(${name}_test PRIVATE $<$<CONFIG:Release>:-O1>)
  if(arg_READS_SOURCE_TREE)
    target_compile_definitions(${name}_test PRIVATE PULLPROOF_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  endif()
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 300)
endfunction()

# A fuzz target, NAME_fuzzer from fuzz/NAME_fuzzer.cc. Built in every build, so that it cannot rot:
# with clang's engine where PULLPROOF_LIBFUZZER says so (or with the engine that the environment
# variable LIB_FUZZING_ENGINE names, as OSS-Fuzz does), else with a main that replays files. Its
# corpus and regressions are replayed by ctest as fuzz_regression.NAME.
#
#   pullproof_add_fuzzer(reference DEPENDS pullproof::oci)
function(pullproof_add_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS")
  set(target ${name}_fuzzer)
  add_executable(${target} ${target}.cc)
  target_link_libraries(${target}
    PRIVATE pullproof::warnings pullproof::instrumentation ${arg_DEPENDS})
  target_compile_features(${target} PRIVATE cxx_std_23)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  set(replay)
  if(DEFINED ENV{LIB_FUZZING_ENGINE})
    target_link_libraries(${target} PRIVATE $ENV{LIB_FUZZING_ENGINE})
  elseif(PULLPROOF_LIBFUZZER)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    set(replay -runs=0)
  else()
    target_link_libraries(${target} PRIVATE fuzz_standalone_main)
  endif()
  add_dependencies(fuzzers ${target})
  if(BUILD_TESTING)
    set(inputs ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
    if(IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/regressions/${name})
      list(APPEND inputs ${CMAKE_CURRENT_SOURCE_DIR}/regressions/${name})
    endif()
    add_test(NAME fuzz_regression.${name} COMMAND ${target} ${replay} ${inputs})
    set_tests_properties(fuzz_regression.${name} PROPERTIES LABELS fuzz TIMEOUT 120)
  endif()
endfunction()

# A Google Benchmark program, NAME_benchmark from bench/NAME_benchmark.cc. ctest runs each for one
# iteration, only to see that it still works: a test never measures.
function(pullproof_add_benchmark name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS")
  set(target ${name}_benchmark)
  add_executable(${target} ${target}.cc)
  target_link_libraries(${target}
    PRIVATE pullproof::warnings pullproof::instrumentation ${arg_DEPENDS} benchmark::benchmark_main)
  target_compile_features(${target} PRIVATE cxx_std_23)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  add_dependencies(benchmarks ${target})
  if(BUILD_TESTING)
    add_test(NAME benchmark_runs.${name} COMMAND ${target} --benchmark_min_time=0)
    set_tests_properties(benchmark_runs.${name} PROPERTIES LABELS bench TIMEOUT 120)
  endif()
endfunction()
