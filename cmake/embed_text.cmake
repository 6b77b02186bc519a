# cmake -DOUTPUT=... -DNAMESPACE=... -DHEADER=... -DNAMES=... -DFILES=... -P embed_text.cmake; see Embed.cmake.
set(text "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n")
foreach(name file IN ZIP_LISTS NAMES FILES)
  file(READ ${file} content)
  string(APPEND text "const char* const ${name} = R\"_embedded_(${content})_embedded_\";\n")
endforeach()
file(WRITE ${OUTPUT} "${text}}  // namespace ${NAMESPACE}\n")
