"""Environments as real machines have them, one variable a line.

Taken from the documentation of each, or from such a machine; values are shortened.
"""

from __future__ import annotations

DEBIAN_LOGIN = """
SHELL=/bin/bash
SESSION_MANAGER=local/shop:@/tmp/.ICE-unix/1423,unix/shop:/tmp/.ICE-unix/1423
QT_ACCESSIBILITY=1
COLORTERM=truecolor
XDG_CONFIG_DIRS=/etc/xdg
SSH_AGENT_LAUNCHER=gnome-keyring
XDG_MENU_PREFIX=gnome-
GNOME_DESKTOP_SESSION_ID=this-is-deprecated
LANGUAGE=de_DE:de
GNOME_SETUP_DISPLAY=:1
SSH_AUTH_SOCK=/run/user/1000/keyring/ssh
PWD=/home/anna
LOGNAME=anna
XDG_SESSION_DESKTOP=gnome
XDG_SESSION_TYPE=wayland
XAUTHORITY=/run/user/1000/.mutter-Xwaylandauth
HOME=/home/anna
USERNAME=anna
LANG=de_DE.UTF-8
LS_COLORS=rs=0:di=01;34
XDG_CURRENT_DESKTOP=GNOME
VTE_VERSION=7006
WAYLAND_DISPLAY=wayland-0
XDG_SESSION_CLASS=user
TERM=xterm-256color
USER=anna
DISPLAY=:0
SHLVL=1
MAIL=/var/mail/anna
EDITOR=vim
PAGER=less
LESSOPEN=| /usr/bin/lesspipe %s
XDG_CACHE_HOME=/home/anna/.cache
XDG_RUNTIME_DIR=/run/user/1000
XDG_DATA_DIRS=/usr/local/share/:/usr/share/
PATH=/usr/local/bin:/usr/bin:/bin
GDMSESSION=gnome
DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus
SSH_CLIENT=192.168.1.7 51234 22
SSH_CONNECTION=192.168.1.7 51234 192.168.1.9 22
SSH_TTY=/dev/pts/0
TMPDIR=/tmp
TMP=/tmp
TEMP=/tmp
OLDPWD=/home/anna
_=/usr/bin/env
"""

DEVELOPER = """
PATH=/home/anna/.pyenv/shims:/usr/bin
HOME=/home/anna
VIRTUAL_ENV=/opt/pricing-fdm/.venv
VIRTUAL_ENV_PROMPT=(.venv)
PYENV_ROOT=/home/anna/.pyenv
PYTHONUNBUFFERED=1
PYTHONDONTWRITEBYTECODE=1
PIP_INDEX_URL=https://pypi.org/simple
PIP_CACHE_DIR=/home/anna/.cache/pip
PIP_LOG=/tmp/pip.log
UV_CACHE_DIR=/home/anna/.cache/uv
POETRY_CACHE_DIR=/home/anna/.cache/poetry
CONDA_PREFIX=/opt/conda
CONDA_DEFAULT_ENV=base
NVM_DIR=/home/anna/.nvm
npm_config_cache=/home/anna/.npm
NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
JAVA_HOME=/usr/lib/jvm/default
GOPATH=/home/anna/go
CARGO_HOME=/home/anna/.cargo
RUST_LOG=info
RUST_BACKTRACE=1
SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt
CURL_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt
http_proxy=http://proxy:3128
HTTP_PROXY=http://proxy:3128
HTTPS_PROXY=http://proxy:3128
no_proxy=localhost
CACHE_DIR=/var/cache/anna
CACHE_FILE=/var/cache/anna/index
CACHE_PATH=/var/cache/anna
VSCODE_GIT_IPC_HANDLE=/run/user/1000/vscode-git.sock
TERM_PROGRAM=vscode
TERM_PROGRAM_VERSION=1.92.0
WSL_DISTRO_NAME=Debian
WSL_INTEROP=/run/WSL/8_interop
NAME=shop
HOSTTYPE=x86_64
API_KEY=of-something-else
OPENAI_API_KEY=sk-1
APP_TOKEN=of-something-else
NPM_TOKEN=npm_1
GITHUB_TOKEN=ghp_1
GITHUB_API_URL=https://api.github.com
VAULT_TOKEN=s.1
IS_SANDBOX=1
CONTAINER_NAME=b1f0
ORCA_APPIMAGE_URL=file:///opt/orca.AppImage
DOCKER_HOST=unix:///run/user/1000/docker.sock
DOCKER_MACHINE_NAME=default
KUBECONFIG=/home/anna/.kube/config
ALLOWED_HOSTS=localhost
DATABASE_URL=postgres://localhost/shop
PORT=8080
HOST=0.0.0.0
DEBUG=1
LOG_DIR=/var/log
LOG_FILE=/var/log/anna.log
PRICING_SERVICE=http://pricing-fdm:8083
"""

GITHUB_RUNNER = """
ACCEPT_EULA=Y
ACTIONS_CACHE_URL=https://acghubeus1.actions.githubusercontent.com/1/
ACTIONS_RESULTS_URL=https://results-receiver.actions.githubusercontent.com/
ACTIONS_RUNNER_ACTION_ARCHIVE_CACHE=/opt/actionarchivecache
ACTIONS_RUNTIME_TOKEN=eyJ
ACTIONS_RUNTIME_URL=https://pipelinesghubeus2.actions.githubusercontent.com/1/
ACTIONS_ID_TOKEN_REQUEST_TOKEN=eyJ
AGENT_TOOLSDIRECTORY=/opt/hostedtoolcache
ANDROID_HOME=/usr/local/lib/android/sdk
ANDROID_NDK_LATEST_HOME=/usr/local/lib/android/sdk/ndk/27
ANT_HOME=/usr/share/ant
AZURE_EXTENSION_DIR=/opt/az/azcliextensions
BOOTSTRAP_HASKELL_NONINTERACTIVE=1
CHROMEWEBDRIVER=/usr/local/share/chromedriver-linux64
CHROME_BIN=/usr/bin/google-chrome
CI=true
CONDA=/usr/share/miniconda
DEBIAN_FRONTEND=noninteractive
DEPLOYMENT_BASEPATH=/opt/runner
DOTNET_MULTILEVEL_LOOKUP=0
DOTNET_NOLOGO=1
DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
EDGEWEBDRIVER=/usr/local/share/edge_driver
ENABLE_RUNNER_TRACING=true
GECKOWEBDRIVER=/usr/local/share/gecko_driver
GHCUP_INSTALL_BASE_PREFIX=/usr/local
GITHUB_ACTION=__run
GITHUB_ACTIONS=true
GITHUB_ACTOR=anna
GITHUB_API_URL=https://api.github.com
GITHUB_BASE_REF=
GITHUB_ENV=/home/runner/work/_temp/_runner_file_commands/set_env_1
GITHUB_EVENT_NAME=push
GITHUB_EVENT_PATH=/home/runner/work/_temp/_github_workflow/event.json
GITHUB_GRAPHQL_URL=https://api.github.com/graphql
GITHUB_HEAD_REF=
GITHUB_JOB=test
GITHUB_OUTPUT=/home/runner/work/_temp/_runner_file_commands/set_output_1
GITHUB_PATH=/home/runner/work/_temp/_runner_file_commands/add_path_1
GITHUB_REF=refs/heads/main
GITHUB_REPOSITORY=anna/pricing-fdm
GITHUB_RETENTION_DAYS=90
GITHUB_RUN_ATTEMPT=1
GITHUB_RUN_ID=1
GITHUB_SERVER_URL=https://github.com
GITHUB_SHA=0000000000000000000000000000000000000000
GITHUB_STEP_SUMMARY=/home/runner/work/_temp/_runner_file_commands/step_summary_1
GITHUB_TOKEN=ghs_1
GITHUB_WORKSPACE=/home/runner/work/pricing-fdm/pricing-fdm
GOROOT_1_22_X64=/opt/hostedtoolcache/go/1.22.5/x64
GRADLE_HOME=/usr/share/gradle-8.9
HOME=/home/runner
HOMEBREW_CLEANUP_PERIODIC_FULL_DAYS=3650
HOMEBREW_NO_AUTO_UPDATE=1
INVOCATION_ID=1
ImageOS=ubuntu22
ImageVersion=20240804.1.0
JAVA_HOME_17_X64=/usr/lib/jvm/temurin-17-jdk-amd64
JOURNAL_STREAM=8:19101
LANG=C.UTF-8
LEIN_HOME=/usr/local/lib/lein
NVM_DIR=/home/runner/.nvm
PATH=/usr/bin:/bin
PERFLOG_LOCATION_SETTING=RUNNER_PERFLOG
PIPX_BIN_DIR=/opt/pipx_bin
PIPX_HOME=/opt/pipx
POWERSHELL_DISTRIBUTION_CHANNEL=GitHub-Actions-ubuntu22
RUNNER_ARCH=X64
RUNNER_DEBUG=1
RUNNER_ENVIRONMENT=github-hosted
RUNNER_NAME=GitHub Actions 2
RUNNER_OS=Linux
RUNNER_PERFLOG=/home/runner/perflog
RUNNER_TEMP=/home/runner/work/_temp
RUNNER_TOOL_CACHE=/opt/hostedtoolcache
RUNNER_TRACKING_ID=github_1
RUNNER_USER=runner
RUNNER_WORKSPACE=/home/runner/work/pricing-fdm
SELENIUM_JAR_PATH=/usr/share/java/selenium-server.jar
SGX_AESM_ADDR=1
SWIFT_PATH=/usr/share/swift/usr/bin
SYSTEMD_EXEC_PID=590
USER=runner
VCPKG_INSTALLATION_ROOT=/usr/local/share/vcpkg
XDG_CONFIG_HOME=/home/runner/.config
XDG_RUNTIME_DIR=/run/user/1001
"""

GITLAB_RUNNER = """
CI=true
GITLAB_CI=true
CI_API_V4_URL=https://gitlab.com/api/v4
CI_JOB_ID=1
CI_JOB_NAME=test
CI_JOB_TOKEN=glcbt-1
CI_JOB_TIMEOUT=3600
CI_JOB_URL=https://gitlab.com/anna/pricing-fdm/-/jobs/1
CI_REGISTRY_PASSWORD=glcbt-1
CI_RUNNER_TAGS=["docker"]
CI_SERVER_HOST=gitlab.com
CI_SERVER_PORT=443
CACHE_COMPRESSION_LEVEL=fast
CACHE_FALLBACK_KEY=main
CACHE_REQUEST_TIMEOUT=10
GET_SOURCES_ATTEMPTS=3
FF_USE_FASTZIP=true
RUNNER_TEMP_PROJECT_DIR=/builds/anna/pricing-fdm.tmp
"""

JENKINS_AND_SLURM = """
BUILD_ID=7
BUILD_URL=https://jenkins/job/pricing-fdm/7/
EXECUTOR_NUMBER=0
HUDSON_URL=https://jenkins/
JENKINS_HOME=/var/jenkins_home
JOB_BASE_NAME=pricing-fdm
JOB_NAME=pricing-fdm
JOB_URL=https://jenkins/job/pricing-fdm/
NODE_NAME=built-in
WORKSPACE=/var/jenkins_home/workspace/pricing-fdm
WORKSPACE_TMP=/var/jenkins_home/workspace/pricing-fdm@tmp
SLURM_JOB_ID=7
SLURM_JOB_PARTITION=short
SLURM_MEM_PER_NODE=4096
PBS_QUEUE=batch
JOB_ID=7
QUEUE=all.q
REQUEST=run.sh
"""

# A pod of the Kubernetes without `enableServiceLinks: false`, beside services of such names.
KUBERNETES_SERVICES = ("pricing-fdm", "redis", "cache", "queue", "slicer", "orca", "gateway")
KUBERNETES_POD = """
PATH=/opt/pricing-fdm/bin:/usr/bin:/usr/sbin
LANG=C.UTF-8
HOME=/tmp
HOSTNAME=pricing-fdm-6d4cf56db6-7xk2p
POD_NAME=pricing-fdm-6d4cf56db6-7xk2p
POD_NAMESPACE=shop
POD_IP=10.42.0.7
NODE_NAME=node-1
KUBERNETES_SERVICE_HOST=10.43.0.1
KUBERNETES_SERVICE_PORT=443
KUBERNETES_SERVICE_PORT_HTTPS=443
KUBERNETES_PORT=tcp://10.43.0.1:443
KUBERNETES_PORT_443_TCP=tcp://10.43.0.1:443
KUBERNETES_PORT_443_TCP_PROTO=tcp
KUBERNETES_PORT_443_TCP_PORT=443
KUBERNETES_PORT_443_TCP_ADDR=10.43.0.1
AWS_REGION=eu-central-1
AWS_DEFAULT_REGION=eu-central-1
AWS_ROLE_ARN=arn:aws:iam::1:role/pricing
AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/secrets/eks.amazonaws.com/serviceaccount/token
AWS_STS_REGIONAL_ENDPOINTS=regional
OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318
OTEL_EXPORTER_OTLP_TIMEOUT=10
OTEL_SERVICE_NAME=pricing-fdm
OTEL_RESOURCE_ATTRIBUTES=service.version=1
OTEL_TRACES_SAMPLER=always_on
OTEL_METRICS_EXPORTER=none
REDIS_PASSWORD=of-another-container
METRICS_PORT=9090
"""

COMPOSE_SERVICE = """
PATH=/opt/pricing-fdm/bin:/usr/bin:/usr/sbin
HOSTNAME=0f1e2d3c4b5a
HOME=/tmp
LANG=C.UTF-8
PYTHONDONTWRITEBYTECODE=1
PYTHONUNBUFFERED=1
SLICER=prusa
TEMP_DIR=/tmp
METRICS_PORT=9090
DRAIN_PAUSE_SECS=5
DRAIN_GRACE_SECS=60
API_TOKEN=
FETCH_ALLOWED_HOSTS=
REDIS_URL=redis://redis:6379/0
OBJECT_STORE_URL=file:///uploads
CALLBACK_SECRET=
AWS_ACCESS_KEY_ID=AKIA1
AWS_SECRET_ACCESS_KEY=1
AWS_ENDPOINT_URL=http://minio:9000
container=podman
IMAGE=pricing-fdm:prusa
PUBLISH=127.0.0.1:8083
MEMORY_LIMIT=1600m
TMP_SIZE=448m
"""

# One file of variables for a whole shop of services.
SHARED_WITH_A_WEB_SHOP = """
APP_ENV=production
APP_KEY=base64:1
APP_URL=https://shop.example
API_URL=https://api.shop.example
LOG_CHANNEL=stack
LOG_STACK=single
DB_CONNECTION=pgsql
DB_HOST=db
CACHE_DRIVER=redis
CACHE_STORE=redis
CACHE_PREFIX=shop
CACHE_URL=redis://redis:6379/1
QUEUE_CONNECTION=redis
QUEUE_URL=https://sqs.eu-central-1.amazonaws.com/1/orders
REDIS_HOST=redis
REDIS_PORT=6379
REDIS_CLIENT=phpredis
MAIL_MAILER=smtp
SECRET_KEY=1
SECRET_KEY_FILE=/run/secrets/key
POSTGRES_PASSWORD_FILE=/run/secrets/postgres
UPLOAD_DIR=/srv/uploads
CALLBACK_URL=https://shop.example/callback
ADMIN_TOKENS_OF=1
WORKER_CONCURRENCY=4
MAX_UPLOAD_SIZE=10
BASE_URL=https://shop.example
REQUEST_ID_HEADER=X-Request-ID
"""

# `docker run --link redis:cache`
DOCKER_LINK = """
CACHE_NAME=/pricing/cache
CACHE_PORT=tcp://172.17.0.5:6379
CACHE_PORT_6379_TCP=tcp://172.17.0.5:6379
CACHE_PORT_6379_TCP_ADDR=172.17.0.5
CACHE_PORT_6379_TCP_PORT=6379
CACHE_PORT_6379_TCP_PROTO=tcp
CACHE_ENV_REDIS_VERSION=7.2.5
"""

# deploy/systemd/pricing-fdm.service
SYSTEMD_UNIT = """
LANG=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin
HOME=/
LOGNAME=pricing-fdm
USER=pricing-fdm
INVOCATION_ID=a0b1c2d3
JOURNAL_STREAM=9:28312
SYSTEMD_EXEC_PID=4711
CACHE_DIRECTORY=/var/cache/pricing-fdm
STATE_DIRECTORY=/var/lib/pricing-fdm
LOGS_DIRECTORY=/var/log/pricing-fdm
RUNTIME_DIRECTORY=/run/pricing-fdm
CONFIGURATION_DIRECTORY=/etc/pricing-fdm
CREDENTIALS_DIRECTORY=/run/credentials/pricing-fdm.service
MEMORY_PRESSURE_WATCH=/sys/fs/cgroup/system.slice/pricing-fdm.service/memory.pressure
MEMORY_PRESSURE_WRITE=c29tZSAyMDAwMDAgMjAwMDAwMAA=
NOTIFY_SOCKET=/run/systemd/notify
PRICING_FDM_HOST=127.0.0.1
TEMP_DIR=/var/cache/pricing-fdm
SANDBOX=required
SLICE_CONCURRENCY=1
"""

PLATFORMS = """
PORT=8080
K_SERVICE=pricing-fdm
K_REVISION=pricing-fdm-00001
K_CONFIGURATION=pricing-fdm
DYNO=web.1
FLY_APP_NAME=pricing-fdm
FLY_MACHINE_ID=1
FLY_PRIVATE_IP=fdaa::1
RAILWAY_ENVIRONMENT=production
RENDER_SERVICE_NAME=pricing-fdm
ECS_CONTAINER_METADATA_URI_V4=http://169.254.170.2/v4/1
AWS_EXECUTION_ENV=AWS_ECS_FARGATE
AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/credentials/1
GOOGLE_APPLICATION_CREDENTIALS=/var/run/key.json
COPILOT_QUEUE_URI=https://sqs.eu-central-1.amazonaws.com/1/q
REDISCLOUD_URL=redis://default:1@redis:6379
"""


def service_links(service: str) -> dict[str, str]:
    """What Kubernetes sets in every pod for a service with one named port."""
    name, address = service.upper().replace("-", "_"), "10.43.0.9"
    return {
        f"{name}_SERVICE_HOST": address,
        f"{name}_SERVICE_PORT": "8083",
        f"{name}_SERVICE_PORT_HTTP": "8083",
        f"{name}_PORT": f"tcp://{address}:8083",
        f"{name}_PORT_8083_TCP": f"tcp://{address}:8083",
        f"{name}_PORT_8083_TCP_PROTO": "tcp",
        f"{name}_PORT_8083_TCP_PORT": "8083",
        f"{name}_PORT_8083_TCP_ADDR": address,
    }


def variables(text: str) -> dict[str, str]:
    """The variables of one of the texts above."""
    return dict(line.split("=", 1) for line in text.strip().splitlines())
