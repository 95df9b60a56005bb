/** The mark: two hosts on one wire, and a packet between them. */
export function Logo() {
  return (
    <svg viewBox="0 0 32 20" width="32" height="20" aria-hidden="true">
      <rect x="1" y="5" width="8" height="10" rx="2" fill="none" stroke="currentColor" strokeWidth="2" />
      <rect x="23" y="5" width="8" height="10" rx="2" fill="none" stroke="currentColor" strokeWidth="2" />
      <path d="M9 10h14" stroke="currentColor" strokeWidth="2" />
      <rect x="12" y="6.5" width="7" height="7" rx="1.5" fill="var(--packet)" />
    </svg>
  );
}
