// The sign-in methods that Buoy offers at this address.
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

export function waysQuery(api: Api) {
  return queryOptions({
    queryKey: ['sign-in', 'ways'],
    queryFn: ({ signal }) => api.call('GET /auth/ways', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
