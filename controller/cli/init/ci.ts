import type { ProgramSource } from './program-source.ts';

/** What makes a new fleet's pull requests checked and explained, by path below the repository's root. */
export function continuousIntegration(prefix: string, source: ProgramSource): Readonly<Record<string, string>> {
  const path = prefix ? ` --path ${prefix.slice(0, -1)}` : '';
  return {
    '.github/workflows/bmcron.yml': github(prefix, path, source),
    '.gitlab-ci.yml': gitlab(prefix, path, source),
  };
}

const MARK = '<!-- bmcron plan -->';

function github(prefix: string, path: string, source: ProgramSource): string {
  return `# Checks the manifests of every pull request, and tells in a comment what merging would change.
name: bmcron
on:
  pull_request:
    paths: ['${prefix}bmcron.yaml', '${prefix}jobs/**', '${prefix}machines/**', '${prefix}windows/**']
  push:
    branches: [main]
    paths:
      - '${prefix}bmcron.yaml'
      - '${prefix}jobs/**'
      - '${prefix}machines/**'
      - '${prefix}windows/**'
      - '!${prefix}jobs/**/*.status.yaml'
permissions:
  contents: read
  pull-requests: write
jobs:
  manifests:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0, persist-credentials: false }
${githubProgram(source)}      - name: Plan
        if: github.event_name == 'pull_request'
        run: |
          # Exit code 1: something is refused that was not before. The plan says so, and the next step says where.
          bmcron plan${path} --format markdown --base "origin/$GITHUB_BASE_REF" > plan.md || [ $? -eq 1 ]
          cat plan.md >> "$GITHUB_STEP_SUMMARY"
      - name: Comment
        if: github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository
        env:
          GH_TOKEN: \${{ github.token }}
          NUMBER: \${{ github.event.pull_request.number }}
        run: |
          { echo '${MARK}'; cat plan.md; } > comment.md
          mine='.[] | select(.user.login == "github-actions[bot]" and (.body | startswith("${MARK}"))) | .id'
          id=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments" --jq "$mine" | head -n 1)
          if [ -n "$id" ]; then
            gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F body=@comment.md
          else
            gh api --silent "repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments" -F body=@comment.md
          fi
      - name: Validate
        run: bmcron validate${path} --format github --min-jobs 1
`;
}

function gitlab(prefix: string, path: string, source: ProgramSource): string {
  return `# Checks the manifests of every merge request, and tells what merging would change: in the job's log, as an artifact, and
# as a comment when the CI/CD variable BMCRON_COMMENT_TOKEN holds a project access token with the scope "api".
manifests:
${gitlabImage(source)}  variables:
    GIT_DEPTH: 0
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      changes:
        - '${prefix}bmcron.yaml'
        - '${prefix}jobs/**/*'
        - '${prefix}machines/**/*'
        - '${prefix}windows/**/*'
${gitlabProgram(source)}  script:
    - git fetch --quiet origin "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
    - bmcron plan${path} --format markdown --base FETCH_HEAD > plan.md || [ $? -eq 1 ]
    - cat plan.md
    - |
      if [ -n "$BMCRON_COMMENT_TOKEN" ]; then
        node --input-type=module -e '
          import { readFileSync } from "node:fs";
          const { CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID, BMCRON_COMMENT_TOKEN } = process.env;
          const request = "/merge_requests/" + CI_MERGE_REQUEST_IID;
          const notes = CI_API_V4_URL + "/projects/" + CI_PROJECT_ID + request + "/notes";
          const headers = { "PRIVATE-TOKEN": BMCRON_COMMENT_TOKEN, "Content-Type": "application/json" };
          const found = await (await fetch(notes + "?per_page=100&sort=asc", { headers })).json();
          const mine = found.find((note) => note.body.startsWith("${MARK}"));
          const body = JSON.stringify({ body: "${MARK}\\n" + readFileSync("plan.md", "utf8") });
          const [url, method] = mine ? [notes + "/" + mine.id, "PUT"] : [notes, "POST"];
          const answer = await fetch(url, { method, headers, body });
          if (!answer.ok) throw new Error("GitLab answered " + answer.status + " to the comment");
        '
      fi
    - bmcron validate${path} --min-jobs 1
  artifacts:
    when: always
    paths: [plan.md]
`;
}

/** Makes `bmcron` a command of the steps that follow. The container gets no network, and nothing to write to. */
function githubProgram(source: ProgramSource): string {
  if (source.kind === 'container') {
    return `      - name: bmcron
        run: |
          mkdir "$RUNNER_TEMP/bin"
          cat > "$RUNNER_TEMP/bin/bmcron" <<'EOF'
          #!/bin/sh
          exec docker run --rm --network none --read-only --cap-drop ALL --user "$(id -u):$(id -g)" \\
            --volume "$PWD:/fleet:ro" --workdir /fleet \\
            ${source.image} "$@"
          EOF
          chmod +x "$RUNNER_TEMP/bin/bmcron"
          echo "$RUNNER_TEMP/bin" >> "$GITHUB_PATH"
`;
  }
  return `      - uses: actions/setup-node@v4
        with: { node-version: 24 }
      - name: bmcron
        run: |
${installation(source, '$RUNNER_TEMP/bmcron.tgz')
  .map((line) => `          ${line}\n`)
  .join('')}`;
}

function gitlabImage(source: ProgramSource): string {
  if (source.kind === 'tarball') return '  image: node:24\n';
  return `  image:
    name: ${source.image}
    entrypoint: ['']
    docker: { user: root } # whom the checkout belongs to
`;
}

function gitlabProgram(source: ProgramSource): string {
  if (source.kind === 'container') return '';
  const lines = installation(source, '/tmp/bmcron.tgz').map((line) => `    - ${JSON.stringify(line)}\n`);
  return `  before_script:\n${lines.join('')}`;
}

/** Fetches, compares, installs; the package brings everything, so nothing else is fetched and no script of it runs. */
function installation({ url, sha256 }: Extract<ProgramSource, { kind: 'tarball' }>, file: string): readonly string[] {
  return [
    `curl --fail --silent --show-error --location --output "${file}" ${url}`,
    `echo "${sha256}  ${file}" | sha256sum --check --strict`,
    `npm install --global --ignore-scripts --no-audit --no-fund "${file}"`,
  ];
}
