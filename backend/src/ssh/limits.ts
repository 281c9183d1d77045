// The numbers of the SSH module in one file, so that tests shorten them and operators can read them.

export type SshLimits = {
  /** TCP connect, greeting, key exchange and login of one connection attempt. */
  connectTimeoutMs: number;
  /** A keep-alive is sent after this silence; the connection is dropped when `keepAliveMisses` go unanswered. */
  keepAliveMs: number;
  keepAliveMisses: number;
  /** A later exchange of keys that takes longer ends the connection: nothing can be sent meanwhile. */
  exchangeMs: number;
  /** Session channels (exec, SFTP) at a time: below the 10 of sshd's MaxSessions, so that people can still log in. */
  sessions: number;
  /** Forwarded streams at a time. MaxSessions does not count them, and a gateway's stream stays open for days. */
  forwards: number;
  /** Shells in a terminal at a time. Together with `sessions` they exceed MaxSessions: commands then share the rest. */
  shells: number;
  /** Connections to other servers through a jump host at a time. */
  tunnels: number;
  /** Calls that may wait for a channel of one server; one more is `queue_full`. */
  waiting: number;
  /** Consecutive connection failures that open the circuit. */
  failuresToOpen: number;
  /** First pause after a failure; it doubles with each further one. Calls wait for it. */
  backOffMs: number;
  /** First pause of an open circuit; it doubles up to `openMaxMs`. Until then, calls fail immediately. */
  openMs: number;
  openMaxMs: number;
  /** Pause after a refused login or host key: 2 logins in 10 minutes stay below fail2ban's usual 5. */
  loginPauseMs: number;
  /** A closed channel frees its place after this, even if the server never confirms. */
  closeGraceMs: number;
  /** A command's output is read for this long after its exit, for children that keep the pipe open. */
  lingerMs: number;
  /** Bytes of stdout and stderr after which a command is cut off. */
  cutOutputBytes: number;
  /** A channel that is not opened after this, without one byte from the server, means a dead connection. */
  suspectMs: number;
};

export const defaultLimits: SshLimits = {
  connectTimeoutMs: 15_000,
  keepAliveMs: 15_000,
  keepAliveMisses: 3,
  exchangeMs: 30_000,
  sessions: 8,
  forwards: 64,
  shells: 4,
  tunnels: 256,
  waiting: 64,
  failuresToOpen: 5,
  backOffMs: 250,
  openMs: 5_000,
  openMaxMs: 10_000,
  loginPauseMs: 300_000,
  closeGraceMs: 5_000,
  lingerMs: 5_000,
  cutOutputBytes: 64 * 1024 * 1024,
  suspectMs: 5_000,
};
