import { Link } from "@tanstack/react-router";

/** Where a refusal by the switch can be undone. */
export function KillSwitchLink() {
  return (
    <>
      {" "}
      <Link to="/triggers" hash="kill" className="link whitespace-nowrap">
        To the kill switch
      </Link>
    </>
  );
}
