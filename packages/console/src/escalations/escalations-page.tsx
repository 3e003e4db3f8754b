export function EscalationsPage() { return null; }
export function EscalationPageOne() { return null; }
