export function FaultPage() { return null; }
