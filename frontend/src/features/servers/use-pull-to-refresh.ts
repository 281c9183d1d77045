// Pull-to-refresh on touch screens, as in native apps.
import { useEffect, useState } from 'react';
import { useServices } from '../../services.ts';

/** Pixels: how far one pulls until it counts, how far the hint follows the finger, and what part of the way it goes along. */
const TRIGGER_PX = 64;
const MAX_PULL_PX = 88;
const RESISTANCE = 0.5;

/** `pulled`: pixels that the hint stands below the top; `isRefreshing`: a pull went far enough, and what it asked for is on its way. */
export type Pull = { pulled: number; willRefresh: boolean; isRefreshing: boolean };

/** @param refresh is started once for each pull that went far enough, and never rejects */
export function usePullToRefresh(refresh: () => Promise<unknown>): Pull {
  const { telegram } = useServices();
  const [pulled, setPulled] = useState(0);
  const [isRefreshing, setIsRefreshing] = useState(false);
  useEffect(() => {
    let startY: number | null = null;
    let distance = 0;
    const end = () => {
      if (startY !== null && distance >= TRIGGER_PX) {
        telegram?.haptic('selection');
        setIsRefreshing(true);
        void refresh().finally(() => setIsRefreshing(false));
      }
      startY = null;
      distance = 0;
      setPulled(0);
    };
    const start = ({ touches }: TouchEvent) => {
      startY = touches.length === 1 && window.scrollY <= 0 ? (touches[0]?.clientY ?? null) : null;
    };
    const move = ({ touches }: TouchEvent) => {
      if (startY === null) return;
      const along = ((touches[0]?.clientY ?? startY) - startY) * RESISTANCE;
      distance = window.scrollY > 0 ? 0 : Math.min(MAX_PULL_PX, Math.max(0, along));
      setPulled(distance);
    };
    const cancel = () => {
      distance = 0;
      end();
    };
    // The browser's own gesture would load the whole app again, and Telegram's would close it.
    const allowSwipes = telegram?.withoutSwipes();
    const root = document.documentElement;
    const before = root.style.overscrollBehaviorY;
    root.style.overscrollBehaviorY = 'contain';
    const passive = { passive: true } as const;
    window.addEventListener('touchstart', start, passive);
    window.addEventListener('touchmove', move, passive);
    window.addEventListener('touchend', end, passive);
    window.addEventListener('touchcancel', cancel, passive);
    return () => {
      allowSwipes?.();
      root.style.overscrollBehaviorY = before;
      window.removeEventListener('touchstart', start);
      window.removeEventListener('touchmove', move);
      window.removeEventListener('touchend', end);
      window.removeEventListener('touchcancel', cancel);
    };
  }, [refresh, telegram]);
  return { pulled, willRefresh: pulled >= TRIGGER_PX, isRefreshing };
}
