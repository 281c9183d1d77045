// The name of the thing, with its mark.
import mark from './buoy.svg';

export function Brand() {
  return (
    <span className="inline-flex items-center gap-2 text-lg font-semibold tracking-tight text-ink">
      <img src={mark} alt="" width="28" height="28" />
      Buoy
    </span>
  );
}
