FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY emulator emulator
COPY schemas schemas
COPY scenarios scenarios
RUN pip install --no-cache-dir --prefix=/install .

FROM python:3.13-slim
COPY --from=build /install /usr/local
RUN useradd --system --no-create-home emulator && mkdir /scenarios
USER emulator
ENV EMULATOR_HOST=0.0.0.0 \
    EMULATOR_PORT=8087 \
    EMULATOR_SCENARIOS=/scenarios \
    PYTHONUNBUFFERED=1
VOLUME /scenarios
EXPOSE 8087
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s CMD ["emulator", "healthcheck"]
ENTRYPOINT ["emulator"]
CMD ["serve"]
