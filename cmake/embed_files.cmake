# sspr_embed_files(OUT_SOURCE FUNCTION FILE...): a source in the build folder that defines
# `std::span<const EmbeddedFile> sspr::service::FUNCTION()`, the files with their names relative to
# the folder that calls this. Declare the function in a header of yours.
function(sspr_embed_files out_source function)
  set(EMBED_FUNCTION ${function})
  set(EMBED_ENTRIES "")
  foreach(file ${ARGN})
    file(RELATIVE_PATH name ${CMAKE_CURRENT_SOURCE_DIR} ${file})
    file(READ ${file} bytes HEX)
    string(LENGTH "${bytes}" digits)
    math(EXPR size "${digits} / 2")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," array "${bytes}")
    string(MAKE_C_IDENTIFIER "k_${name}" symbol)
    string(APPEND EMBED_ARRAYS "constexpr unsigned char ${symbol}[] = {${array}0};\n")
    string(APPEND EMBED_ENTRIES "    {\"${name}\", ${symbol}, ${size}},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${function}.cc)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/embedded_files.cc.in ${source} @ONLY)
  # Two of them in one library name their arrays alike.
  set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  set(${out_source} ${source} PARENT_SCOPE)
endfunction()
