# Debian ships cpp-httplib as a header, a compiled library and a .pc file, without a CMake package.
# Every file that includes the header must be compiled with the flags of the .pc file, or the two
# disagree about what the classes look like.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(HTTPLIB QUIET IMPORTED_TARGET GLOBAL cpp-httplib)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(httplib REQUIRED_VARS HTTPLIB_LIBRARIES HTTPLIB_CFLAGS
                                  VERSION_VAR HTTPLIB_VERSION)

if(httplib_FOUND AND NOT TARGET httplib::httplib)
  add_library(httplib::httplib ALIAS PkgConfig::HTTPLIB)
endif()
