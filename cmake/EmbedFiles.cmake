# Builds data files into a library, so that the program needs no files beside it:
#
#   pullproof_embed(conformance_client
#     FUNCTION pullproof::conformance::client::ShippedProfiles   # span of EmbeddedFile, by name
#     HEADER conformance/client/catalogue.h                      # that declares it
#     ROOT ${PROJECT_SOURCE_DIR}/conformance/clients
#     FILES curl.toml skopeo.toml)
#
# A changed file is embedded anew by the next build. Run as a script (cmake -P), this file writes the
# source; included, it declares the function above.
if(CMAKE_SCRIPT_MODE_FILE)
  string(REPLACE "|" ";" files "${FILES}")
  string(REGEX REPLACE "::[^:]*$" "" namespace "${FUNCTION}")
  string(REGEX REPLACE "^.*::" "" function "${FUNCTION}")
  set(source "// Made by cmake/EmbedFiles.cmake.\n#include \"${HEADER}\"\n\n#include <array>\n#include <string_view>\n\n")
  string(APPEND source "namespace ${namespace} {\nnamespace {\n\n")
  # Literals that know their length: the compiler counts none, whose bound on constant evaluation
  # hundreds of files exceed.
  string(APPEND source "using namespace std::string_view_literals;\n\n")
  list(LENGTH files count)
  string(APPEND source "constexpr std::array<EmbeddedFile, ${count}> kFiles = {{\n")
  foreach(file IN LISTS files)
    file(READ "${ROOT}/${file}" text)
    string(APPEND source "{\"${file}\", R\"embedded(${text})embedded\"sv},\n")
  endforeach()
  string(APPEND source "}};\n\n}  // namespace\n\n")
  string(APPEND source "std::span<const EmbeddedFile> ${function}() { return kFiles; }\n\n")
  string(APPEND source "}  // namespace ${namespace}\n")
  file(WRITE "${OUTPUT}" "${source}")
  return()
endif()

set(PULLPROOF_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(pullproof_embed name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FUNCTION;HEADER;ROOT" "FILES")
  string(REGEX REPLACE "^.*::" "" function "${arg_FUNCTION}")
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${function}.cc)
  list(JOIN arg_FILES "|" files)
  list(TRANSFORM arg_FILES PREPEND ${arg_ROOT}/ OUTPUT_VARIABLE inputs)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DFUNCTION=${arg_FUNCTION} -DHEADER=${arg_HEADER}
            -DROOT=${arg_ROOT} "-DFILES=${files}" -P ${PULLPROOF_EMBED_SCRIPT}
    DEPENDS ${inputs} ${PULLPROOF_EMBED_SCRIPT}
    COMMENT "Embedding ${arg_ROOT}"
    VERBATIM)
  target_sources(pullproof_${name} PRIVATE ${output})
endfunction()
