# Warnings and hardening for everything we build. A target may add to this, none takes away from it,
# except that code for a login process (sspr_base, pam_sspr) is built without exceptions and RTTI.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
if(NOT WIN32)
  include(CheckPIESupported)
  check_pie_supported(LANGUAGES CXX)
endif()

add_compile_options(
  -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Wundef -Wformat=2
  -Wswitch-enum -Wimplicit-fallthrough -Werror
  -fstack-protector-strong $<$<NOT:$<PLATFORM_ID:Windows>>:-fstack-clash-protection> -fcf-protection=full
  -ftrivial-auto-var-init=zero)
if(WIN32)
  # GCC 12 for Windows dies of -fstack-clash-protection, and Windows touches each page of a stack anyway; what it
  # says of uninitialised parts of variants is not so, and GCC for Linux sees the same code.
  add_compile_options(-Wno-maybe-uninitialized)
  # Windows 10 and later, everything but the system's own DLLs inside, the same bytes from the same sources. GCC
  # has no control flow guard.
  add_compile_definitions(UNICODE _UNICODE WINVER=0x0A00 _WIN32_WINNT=0x0A00 NTDDI_VERSION=0x0A000000
                          WIN32_LEAN_AND_MEAN NOMINMAX)
  add_link_options(-fstack-protector-strong -static -static-libgcc -static-libstdc++ -Wl,--dynamicbase -Wl,--nxcompat
                   -Wl,--high-entropy-va -Wl,--no-insert-timestamp -Wl,--gc-sections)
else()
  add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports std::string operations that it inlined itself (GCC bugs 105329, 105651).
  add_compile_options(-Wno-restrict)
endif()

option(SSPR_FUZZ "Build the fuzzers with libFuzzer instead of as tests over their corpora" OFF)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # For the fuzzers alone; what ships is built by GCC, whose warnings are errors.
  add_compile_options(-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang
                      -Wno-unused-command-line-argument)
endif()
if(SSPR_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

option(SSPR_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
if(SSPR_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
                      -fno-sanitize=vptr $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_link_options(-fsanitize=address,undefined)
else()
  # FORTIFY needs optimisation and hides errors from the sanitizers.
  add_compile_options($<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
                      $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
endif()

find_program(SSPR_CCACHE ccache)
if(SSPR_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SSPR_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${SSPR_CCACHE})
endif()
