// Buttons, all of them at least 44 px high: the size that a thumb hits.
import type { ButtonHTMLAttributes } from 'react';

type Look = 'plain' | 'primary' | 'quiet' | 'danger';

const looks: Record<Look, string> = {
  plain: 'border-edge bg-surface text-ink hover:bg-inset',
  primary: 'border-transparent bg-accent text-on-accent hover:brightness-110',
  danger: 'border-down bg-surface text-down hover:bg-down/8',
  quiet: 'border-transparent text-link hover:bg-inset',
};

/** The same style for a link that acts like a button. */
export function buttonClass(look: Look = 'plain'): string {
  return `inline-flex min-h-11 items-center justify-center gap-2 rounded-md border px-4 text-sm font-medium no-underline disabled:cursor-not-allowed disabled:opacity-55 ${looks[look]}`;
}

export function Button({
  look = 'plain',
  className = '',
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { look?: Look }) {
  return <button type="button" {...rest} className={`${buttonClass(look)} ${className}`} />;
}
