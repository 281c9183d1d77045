// Scrolls a conversation to its end while the reader is there, and stays in place otherwise.
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** Pixels from the end that still count as being there. */
const NEAR_END = 96;
/** Pixels from the beginning at which what was said before is fetched. */
const NEAR_START = 240;

export type FollowEnd = {
  /** The whole conversation, down to where one writes. */
  box: RefObject<HTMLDivElement | null>;
  /** Its first entry stands at the top of this. */
  list: RefObject<HTMLOListElement | null>;
  isAtEnd: boolean;
  toEnd: () => void;
  /** Called right before entries are put in front: what is read stays where it is. */
  keepPosition: () => void;
};

/**
 * @param shown changes whenever the entries do
 * @param onNearStart the reader has come near the beginning of what is there
 */
export function useFollowEnd(shown: unknown, onNearStart: () => void): FollowEnd {
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const follows = useRef(true);
  const [isAtEnd, setAtEnd] = useState(true);
  const kept = useRef<{ element: Element; top: number } | null>(null);
  const nearStart = useRef(onNearStart);
  nearStart.current = onNearStart;

  const toEnd = () => {
    follows.current = true;
    setAtEnd(true);
    const bottom = box.current?.getBoundingClientRect().bottom ?? 0;
    if (bottom > window.innerHeight) window.scrollBy(0, bottom - window.innerHeight);
  };

  useEffect(() => {
    const onScroll = () => {
      const bottom = box.current?.getBoundingClientRect().bottom ?? 0;
      follows.current = bottom - window.innerHeight < NEAR_END;
      setAtEnd(follows.current);
      const top = list.current?.getBoundingClientRect().top ?? 0;
      if (!follows.current && top > -NEAR_START) nearStart.current();
    };
    window.addEventListener('scroll', onScroll, { passive: true });
    return () => window.removeEventListener('scroll', onScroll);
  }, []);

  useLayoutEffect(() => {
    if (shown === null || kept.current === null) return;
    const { element, top } = kept.current;
    kept.current = null;
    window.scrollBy(0, element.getBoundingClientRect().top - top);
  }, [shown]);

  // Answers grow, and Markdown takes other room than the plain text before it.
  useEffect(() => {
    const element = list.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      if (!follows.current || element.childElementCount === 0) return;
      const bottom = box.current?.getBoundingClientRect().bottom ?? 0;
      if (bottom > window.innerHeight) window.scrollBy(0, bottom - window.innerHeight);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  return {
    box,
    list,
    isAtEnd,
    toEnd,
    keepPosition() {
      const element = list.current?.firstElementChild ?? null;
      kept.current = element === null ? null : { element, top: element.getBoundingClientRect().top };
    },
  };
}
