using System.Diagnostics.Metrics;
using RestKv.Api.Security;

namespace RestKv.Api.Telemetry;

/// <summary>How long certificates last and whether renewed ones were taken; nothing where there is no TLS.</summary>
internal static class TlsGauges
{
    public static void Register(Meter meter, TlsPolicy tls)
    {
        var sides = tls.Sides.Select(side => (Side: side, Label: new KeyValuePair<string, object?>("listener", side.Files.Listener))).ToArray();
        if (sides.Length == 0)
        {
            return;
        }

        meter.CreateObservableGauge(
            "restkv_tls_certificate_expiry_timestamp_seconds",
            () => sides.Select(one => new Measurement<long>(one.Side.Current.ExpiresAt.ToUnixTimeSeconds(), one.Label)),
            null,
            "When the certificate in force expires, in seconds since 1970.");
        meter.CreateObservableGauge(
            "restkv_tls_reload_failed",
            () => sides.Select(one => new Measurement<long>(one.Side.Fault is null ? 0 : 1, one.Label)),
            null,
            "1 while the files hold something that cannot be used and the certificate before stays in force.");
        meter.CreateObservableCounter(
            "restkv_tls_certificates_refused_total",
            () => sides.Select(one => new Measurement<long>(one.Side.Refused, one.Label)),
            null,
            "Certificates of others that were refused.");
    }
}
