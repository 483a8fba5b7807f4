// The key of a verb, beside its name; those who do not see it hear it from the button.
export function Kbd({ of }: { of: string }) {
  return <kbd aria-hidden="true">{of}</kbd>
}
