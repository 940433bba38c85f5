namespace RestKv.Api.Security;

/// <summary>Which end of a connection a certificate stands for.</summary>
internal enum CertificateUse : byte
{
    Server = 0,
    Client = 1,
}
