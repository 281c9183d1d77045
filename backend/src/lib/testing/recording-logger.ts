// A logger that keeps what it is told, so that a test can look for secrets in it.
import type { Logger } from '../logger.ts';

export function createRecordingLogger(): { logger: Logger; text(): string } {
  const lines: string[] = [];
  const write = (...words: unknown[]) => {
    lines.push(
      JSON.stringify(words, (_key, value) =>
        value instanceof Error ? { ...value, message: value.message } : value,
      ),
    );
  };
  const logger = { trace: write, debug: write, info: write, warn: write, error: write, child: () => logger };
  return { logger: logger as unknown as Logger, text: () => lines.join('\n') };
}
