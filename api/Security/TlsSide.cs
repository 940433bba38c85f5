namespace RestKv.Api.Security;

/// <summary>
/// The certificate in force for clients or for peers. Read by every handshake, exchanged by <see cref="TlsReloader"/>: a handshake
/// takes what is there when it begins, connections that stand keep theirs.
/// </summary>
internal sealed class TlsSide
{
    private TlsMaterial _current;
    private long _refused;

    /// <exception cref="TlsConfigurationException">The files cannot be used.</exception>
    public TlsSide(TlsFiles files, DateTimeOffset now)
    {
        Files = files;
        _current = TlsMaterial.Load(files, files.Read(), now);
    }

    public TlsFiles Files { get; }

    public TlsMaterial Current => Volatile.Read(ref _current);

    /// <summary>Why the files that are there now are not in force; null when they are.</summary>
    public string? Fault { get; private set; }

    /// <summary>Certificates of others that were refused.</summary>
    public long Refused => Volatile.Read(ref _refused);

    public void CountRefused() => Interlocked.Increment(ref _refused);

    /// <summary>Looks at the files. What cannot be used leaves in force what was. Only the reloader calls this.</summary>
    public TlsReload Reload(DateTimeOffset now)
    {
        var before = Fault;
        try
        {
            var contents = Files.Read();
            if (contents.IsSameAs(_current.Contents))
            {
                Fault = null;
                return TlsReload.Same;
            }

            Volatile.Write(ref _current, TlsMaterial.Load(Files, contents, now));
            Fault = null;
            return TlsReload.Renewed;
        }
        catch (TlsConfigurationException fault)
        {
            Fault = fault.Message;
            return Fault == before ? TlsReload.Same : TlsReload.Refused;
        }
    }
}

/// <summary>What a look at the files came to.</summary>
internal enum TlsReload : byte
{
    Same = 0,
    Renewed = 1,

    /// <summary>Not usable, and that is news.</summary>
    Refused = 2,
}
