# Shared by the scripts beside it, after run-as.sh: what an Ollama that runs says of itself. The command would start a client, and lies in places that
# other accounts may write.

# ollama_get PATH
ollama_get() {
  if command -v curl >/dev/null 2>&1; then
    limit 4 curl -s --max-time 3 "http://127.0.0.1:11434$1"
  elif command -v wget >/dev/null 2>&1; then
    limit 4 wget -q -T 3 -t 1 -O - "http://127.0.0.1:11434$1"
  fi 2>/dev/null | head -c 1000000
}

ollama_version() { ollama_get /api/version | head -c 1000 | sed -n 's/.*"version" *: *"\([^"]*\)".*/\1/p' | head -n 1; }

# How many models it has: each has one digest.
ollama_models() { ollama_get /api/tags | grep -o '"digest"' | grep -c .; }
