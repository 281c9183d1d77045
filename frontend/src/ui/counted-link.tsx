// A header link with a count.
import { linkTo } from '../navigation.ts';
import { buttonClass } from './button.tsx';

/**
 * @param spoken what a screen reader says, the count included
 * @param shape the path of its picture, 20 by 20: a phone has no room for the word beside the other links
 */
export function CountedLink({
  path,
  title,
  spoken,
  count,
  shape,
}: {
  path: string;
  title: string;
  spoken: string;
  count: number;
  shape: string;
}) {
  return (
    <a {...linkTo(path)} className={`${buttonClass('quiet')} shrink-0 px-3! whitespace-nowrap`}>
      <span className="sr-only">{spoken}</span>
      <svg
        aria-hidden="true"
        viewBox="0 0 20 20"
        className="size-5 fill-none stroke-current stroke-[1.7] sm:hidden"
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        <path d={shape} />
      </svg>
      <span aria-hidden="true" className="max-sm:hidden">
        {title}
      </span>
      {count > 0 && (
        <span
          aria-hidden="true"
          className="min-w-5 rounded-full bg-accent px-1.5 text-center text-xs leading-5 font-semibold text-on-accent"
        >
          {count}
        </span>
      )}
    </a>
  );
}
