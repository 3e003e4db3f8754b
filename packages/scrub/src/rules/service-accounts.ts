/** Names of accounts that systems, images and build services come with: they name no person. */
export const SERVICE_ACCOUNTS: ReadonlySet<string> = new Set(
  "root admin administrator user ubuntu debian ec2-user centos fedora deploy git node postgres mysql redis nginx www-data nobody daemon app appuser runner jenkins gitlab-runner vagrant docker system service guest default nonroot container circleci travis codespace gitpod vscode jovyan sandbox buildkite-agent".split(
    " ",
  ),
);
