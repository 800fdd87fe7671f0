# Sourced by ./mvnw and ./coracle. find_jdk prints the home of a JDK 25, looked for in JAVA_HOME, then on the
# PATH, then in the usual install folders; says what it saw and returns 1 when there is none.

jdk_feature() {
  local home=$1 line
  [ -x "$home/bin/javac" ] || return 1
  if [ -r "$home/release" ]; then
    line=$(grep -m1 '^JAVA_VERSION=' "$home/release") || return 1
    line=${line#JAVA_VERSION=\"}
    echo "${line%%[.\"+-]*}"
  else
    "$home/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1
  fi
}

find_jdk() {
  local wanted=25 seen="" home feature on_path
  on_path=$(command -v javac 2>/dev/null || true)
  [ -n "$on_path" ] && on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
  for home in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/* /opt/java/* /opt/jdk* \
      "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -n "$home" ] && [ -d "$home" ] || continue
    feature=$(jdk_feature "$home") || continue
    if [ "$feature" = "$wanted" ]; then
      echo "$home"
      return 0
    fi
    seen="$seen $home ($feature)"
  done
  echo "coracle: needs a JDK $wanted; found${seen:- none}. Install one (Temurin $wanted, for example) or set JAVA_HOME to it." >&2
  return 1
}
