// A mail server that keeps what it takes, or refuses as it is told.
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export type TakenMail = { to: string[]; source: string };

/** The reply to a step of SMTP; `drop`: the connection is closed instead. */
export type MailRefusal = { at: 'recipient' | 'data'; code: number; text: string } | 'drop';

export type FakeSmtpServer = {
  url: string;
  /** Oldest first. */
  mails: TakenMail[];
  /** That somebody signed in with. */
  passwords: string[];
  /** What happens to the next mails, in this order. */
  refuse(...next: MailRefusal[]): void;
  /** Takes all from now on. */
  recover(): void;
  stop(): Promise<void>;
};

/** It does not encrypt, and takes any password. */
export async function startFakeSmtpServer(host = '127.0.0.1'): Promise<FakeSmtpServer> {
  const mails: TakenMail[] = [];
  const passwords: string[] = [];
  const planned: MailRefusal[] = [];
  const refusal = (code: number, text: string) => Object.assign(new Error(text), { responseCode: code });

  const server = new SMTPServer({
    ...{ authOptional: true, allowInsecureAuth: true, disabledCommands: ['STARTTLS'], logger: false },
    onAuth({ username, password }, _session, done) {
      if (password) passwords.push(password);
      done(null, { user: username ?? '' });
    },
    onConnect(_session, done) {
      if (planned[0] !== 'drop') return done();
      planned.shift();
      for (const connection of server.connections) connection.close();
    },
    onRcptTo(_address, _session, done) {
      const next = planned[0];
      if (next === undefined || next === 'drop' || next.at !== 'recipient') return done();
      planned.shift();
      done(refusal(next.code, next.text));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const next = planned[0];
        if (next !== undefined && next !== 'drop') {
          planned.shift();
          return done(refusal(next.code, next.text));
        }
        const to = session.envelope.rcptTo.map(({ address }) => address);
        mails.push({ to, source: Buffer.concat(chunks).toString('utf8') });
        done();
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    ...{ url: `smtp://${host}:${port}`, mails, passwords },
    refuse: (...next) => void planned.push(...next),
    recover() {
      planned.length = 0;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
