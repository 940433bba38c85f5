using RestKv.Storage;

namespace RestKv.Api.Hosting;

/// <summary>How the process ends when going on could acknowledge something wrong. Tests put their own in its place.</summary>
public interface IFatalExit
{
    void End(Exception fault);
}

/// <summary>
/// Ends the process at once, without running anything more: what was not acknowledged by now must not be. Exit code 74 for a
/// failing disk (EX_IOERR), 70 for a broken invariant (EX_SOFTWARE).
/// </summary>
internal sealed class ImmediateExit : IFatalExit
{
    private const int InputOutputError = 74;
    private const int SoftwareError = 70;

    public void End(Exception fault) =>
        ProcessExit.Now(fault is StorageIoException or CorruptDataException ? InputOutputError : SoftwareError);
}
