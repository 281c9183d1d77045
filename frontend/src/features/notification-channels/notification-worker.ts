// The app's service worker: shows Buoy's push messages while no page is open. It answers no requests.
import { handleWorkerEvents, type WorkerScope } from './worker-events.ts';

handleWorkerEvents(self as unknown as WorkerScope);
