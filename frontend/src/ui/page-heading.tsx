// The heading of a page: names the browser tab and takes the focus when the page opens, so that screen readers start there.
import { type ReactNode, useEffect, useRef } from 'react';

export function PageHeading({
  title,
  children,
  className = 'text-xl',
}: {
  title: string;
  children: ReactNode;
  className?: string;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Buoy`;
  }, [title]);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1} className={`font-semibold tracking-tight ${className}`}>
      {children}
    </h1>
  );
}
