// How a command is typed on the machine that Buoy runs on: in a checkout by npm, elsewhere by what the package has installed.
import { useQuery } from '@tanstack/react-query';
import { useServices } from '../../services.ts';
import { waysQuery } from './ways-query.ts';

const commands = {
  npm: {
    signInLink: 'npm run sign-in-link',
    restore: 'npm run restore -- FILE',
    verifyAuditLog: 'npm run audit-log -- verify',
  },
  'buoy-server': {
    signInLink: 'sudo buoy-server sign-in-link',
    restore: 'sudo buoy-server restore FILE',
    verifyAuditLog: 'sudo buoy-server audit verify',
  },
};

/** null until Buoy has said which. `isCheckout`: they are typed in its folder. */
export function useMachineCommands(): ((typeof commands)['npm'] & { isCheckout: boolean }) | null {
  const { api } = useServices();
  const { data } = useQuery(waysQuery(api));
  return data === undefined ? null : { ...commands[data.commands], isCheckout: data.commands === 'npm' };
}
