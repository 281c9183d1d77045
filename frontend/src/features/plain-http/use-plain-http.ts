// Whether this page came unencrypted over a network, and what that means for the sign-in.
import { useQuery } from '@tanstack/react-query';
import { useServices } from '../../services.ts';
import { waysQuery } from '../sign-in/ways-query.ts';

/**
 * `kept`: plain http, but this Buoy allows browsers to keep the sign-in; `not-kept`: a reload signs out.
 * null: it came by https or from this machine, or Buoy has not said yet.
 */
export function usePlainHttp(): 'kept' | 'not-kept' | null {
  const { api } = useServices();
  // The browser's own word: https, or a loopback address.
  const isPlain = !window.isSecureContext;
  const ways = useQuery({
    ...waysQuery(api),
    enabled: isPlain,
  });
  if (!isPlain || ways.data === undefined) return null;
  return ways.data.insecureHttp ? 'kept' : 'not-kept';
}
