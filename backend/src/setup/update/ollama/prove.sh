# Sees that the new Ollama answers, and has the models of before. Variables: those of places.sh.
main() {
  answers_as "$TO" || stop 61 "Ollama answers as \"$(ollama_version)\", not as $TO."
  before=$(cat "$staging/models" 2>/dev/null)
  now=$(ollama_models)
  [ "${now:-0}" -ge "${before:-0}" ] || stop 61 "Ollama had $before models, and has $now."
  echo "Ollama $TO answers, with $now models."
}
main </dev/null
