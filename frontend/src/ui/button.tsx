// Buttons, all of them at least 44 px high: the size that a thumb hits.
import type { ButtonHTMLAttributes } from 'react';

type ButtonVariant = 'plain' | 'primary' | 'quiet' | 'danger';

const variantClasses: Record<ButtonVariant, string> = {
  plain: 'border-edge bg-surface text-ink hover:bg-inset',
  primary: 'border-transparent bg-accent text-on-accent hover:brightness-110',
  danger: 'border-down bg-surface text-down hover:bg-down/8',
  quiet: 'border-transparent text-link hover:bg-inset',
};

/** The same style for a link that acts like a button. */
export function buttonClass(variant: ButtonVariant = 'plain'): string {
  return `inline-flex min-h-11 items-center justify-center gap-2 rounded-md border px-4 text-sm font-medium no-underline disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55 ${variantClasses[variant]}`;
}

export function Button({
  variant = 'plain',
  className = '',
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { variant?: ButtonVariant }) {
  return <button type="button" {...rest} className={`${buttonClass(variant)} ${className}`} />;
}
