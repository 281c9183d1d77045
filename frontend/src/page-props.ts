// What pages and sections of a server's page are given.
import type { Server } from '@buoy/contract';

/** What a section of a server's page is given: the server, and the rest of the path, as in `agents/main/files` → `['main', 'files']`. */
export type SectionProps = { server: Server; rest: readonly string[] };

/** The pages that are not about one server. `rest` is what stands behind the path. */
export type PageProps = { rest: readonly string[] };
