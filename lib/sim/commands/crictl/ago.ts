const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long something is ago in whole seconds, as docker/go-units HumanDuration says it. */
export function humanAge(seconds: number): string {
  const s = Math.floor(seconds);
  const hours = Math.round(seconds / HOUR);
  if (s < 1) return 'Less than a second';
  if (s === 1) return '1 second';
  if (s < MINUTE) return `${s} seconds`;
  const minutes = Math.floor(s / MINUTE);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(s / DAY / 365)} years`;
}
