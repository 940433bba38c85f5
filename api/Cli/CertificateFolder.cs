using System.Diagnostics.CodeAnalysis;
using System.Text;
using RestKv.Api.Security;
using RestKv.Storage;

namespace RestKv.Api.Cli;

/// <summary>
/// A folder of certificates and keys. Nothing in it is ever overwritten: a lost key of an authority ends a cluster's TLS.
/// Keys are for their owner alone, certificates for everybody.
/// </summary>
internal sealed class CertificateFolder(string path)
{
    public const string AuthorityName = "ca";

    private const UnixFileMode CertificateMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly PhysicalFileSystem _files = new(path);

    public string Root => _files.Root;

    public bool Has(string name) => _files.Exists(CertificateOf(name)) || _files.Exists(KeyOf(name));

    /// <summary>Certificate and key of that name.</summary>
    /// <exception cref="StorageIoException">One is not there or cannot be read.</exception>
    public CertificatePem Read(string name) => new(ReadText(CertificateOf(name)), ReadText(KeyOf(name)));

    /// <summary>The key first: a certificate without its key is worth nothing.</summary>
    public void Write(string name, CertificatePem pem)
    {
        _files.CreateDirectory("");
        WriteText(KeyOf(name), pem.Key);
        WriteCertificate(name, pem.Certificate);
    }

    public void WriteCertificate(string name, string certificate)
    {
        _files.CreateDirectory("");
        WriteText(CertificateOf(name), certificate);
        OpenToAll(Path.Combine(_files.Root, CertificateOf(name)));
    }

    public static string CertificateOf(string name) => name + ".crt";

    public static string KeyOf(string name) => name + ".key";

    private string ReadText(string name)
    {
        using var file = _files.Open(name, writable: false);
        var bytes = new byte[file.Length];
        return Encoding.ASCII.GetString(bytes, 0, file.ReadAt(0, bytes));
    }

    private void WriteText(string name, string text)
    {
        using (var file = _files.Create(name))
        {
            file.WriteAt(0, Encoding.ASCII.GetBytes(text + "\n"));
            file.Sync();
        }

        _files.SyncDirectory("");
    }

    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Rights of a public file, not its content.")]
    private static void OpenToAll(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, CertificateMode);
        }
    }
}
